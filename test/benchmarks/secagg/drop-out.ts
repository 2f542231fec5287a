// One share of drop-outs: whose vectors count, the sum with masks and without, what it took.

import {
  type DecodedSum,
  encodeTranscript,
  masksOfSum,
  openMessage,
  openSecrets,
  type Session,
  SessionSum,
  wrapsNeeded,
} from '@starling/crypto';
import { type Checked, equalBytes, type MemberId, maskedInput } from '@starling/shared';
import { FEDERATION } from '../../secagg/session-fixture.ts';
import { SimulatedCoordinator } from '../../secagg/simulated-coordinator.ts';
import { CpuMeter } from './cpu-meter.ts';

export class DropOut {
  readonly share: number;
  readonly survivors: ReadonlySet<MemberId>;
  readonly server = new CpuMeter();
  readonly plainServer = new CpuMeter();
  readonly #masked: SessionSum;
  readonly #plain: SessionSum;

  constructor(session: Session, share: number, survivors: ReadonlySet<MemberId>) {
    this.share = share;
    this.survivors = survivors;
    this.#masked = new SessionSum(session);
    this.#plain = new SessionSum(session);
  }

  /** Adds a member's vector to both sums, if it survives. */
  async add(member: MemberId, masked: Uint8Array, plain: Uint8Array): Promise<void> {
    if (!this.survivors.has(member)) return;
    await this.server.runInTurns('add', (pace) => this.#masked.add(masked, pace));
    await this.plainServer.runInTurns('add', (pace) => this.#plain.add(plain, pace));
  }

  /** What the coordinator of an open sum does besides: it verifies headers and decodes. */
  async closePlain(
    coordinator: SimulatedCoordinator,
    headers: ReadonlyMap<MemberId, Uint8Array>,
  ): Promise<void> {
    const { keyOf } = coordinator;
    for (const member of this.survivors) {
      const frame = headers.get(member) ?? new Uint8Array();
      const options = { federation: FEDERATION, nowMs: 0, keyOf };
      const opened = this.plainServer.run('verify', () => openMessage(frame, maskedInput, options));
      if (!opened.ok) throw new Error(opened.refusal.detail);
    }
    valued(await this.plainServer.runInTurns('decode', (pace) => this.#plain.decode(null, pace)));
  }

  /** Opens the masks, takes them off and writes the transcript. */
  async open(coordinator: SimulatedCoordinator): Promise<void> {
    const { announceFrame, session, state } = coordinator;
    const leafOf = async (dealer: MemberId, to: MemberId) => coordinator.packet(dealer, to)?.leaf;
    const secrets = await this.server.watch('combine', (pace) =>
      openSecrets(state, SimulatedCoordinator.key, leafOf, pace),
    );
    if (!secrets.ok) throw new Error(secrets.detail);
    const sharers = state.announced.get('masking')?.members ?? [];
    const wraps = this.server.run('wraps', () =>
      wrapsNeeded(session, sharers, [...this.survivors]).flatMap(({ survivor, dropped }) => {
        const packet = coordinator.packet(survivor, dropped);
        return packet === undefined ? [] : [{ name: `${survivor} ${dropped}`, packet }];
      }),
    );
    const leaves = new Map(wraps.map(({ name, packet }) => [name, packet.leaf]));
    const wrapOf = (survivor: MemberId, dropped: MemberId) => leaves.get(`${survivor} ${dropped}`);
    const masks = await this.server.watch('edges', (pace) =>
      masksOfSum(session, secrets.value, wrapOf, pace),
    );
    await this.server.watch('expand', (pace) => this.#masked.takeOff(valued(masks), pace));
    valued<DecodedSum>(
      await this.server.watch('decode', (pace) => this.#masked.decode(null, pace)),
    );
    const packets = wraps.map(({ packet }) => packet);
    this.server.run('transcript', () =>
      encodeTranscript(state, announceFrame, secrets.value, packets, null),
    );
  }

  get vectorBytes(): number {
    return this.#plain.words.byteLength;
  }

  /** True when the unmasked sum equals the plain one bit for bit. */
  get isExact(): boolean {
    const [masked, plain] = [this.#masked, this.#plain].map(({ words }) => {
      return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    });
    return masked !== undefined && plain !== undefined && equalBytes(masked, plain);
  }
}

function valued<T>(result: Checked<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.refusal.detail);
}
