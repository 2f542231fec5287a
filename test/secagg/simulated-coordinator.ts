// The coordinator of a simulated session: takes statements, hands out what belongs to each member,
// opens the masks, and checks its own transcript as anyone would.

import {
  type CheckedTranscript,
  type CoordinatorState,
  certifyingSigners,
  createXWingKey,
  encodeTranscript,
  type Identity,
  type LeafTree,
  type MemberEvent,
  type MemberState,
  type MemberStatement,
  type OpenResult,
  objectionToStatement,
  openCoordinator,
  openSecrets,
  openTranscript,
  type Session,
  SessionSum,
  stepCoordinator,
  wrapsNeeded,
  type XWingKey,
} from '@starling/crypto';
import type {
  Digest,
  MemberId,
  Refusal,
  SessionPhase,
  SessionPhaseName,
  SharePacket,
} from '@starling/shared';
import { FEDERATION, NO_PACE } from './session-fixture.ts';

export interface OpenedSum {
  readonly words: Uint32Array;
  readonly transcript: Uint8Array;
}

interface Bundle extends LeafTree {
  readonly places: ReadonlyMap<MemberId, number>;
}

/** Seed of the key that reveals are sealed to. */
const KEY_SEED = new Uint8Array(32).fill(9);

export class SimulatedCoordinator {
  static readonly key: XWingKey = createXWingKey(KEY_SEED);
  readonly identity: Identity;
  readonly session: Session;
  readonly announceFrame: Uint8Array;
  readonly vectors = new Map<Digest, Uint8Array>();
  readonly #bundles = new Map<MemberId, Bundle>();
  readonly keyOf: (member: MemberId) => Uint8Array | undefined;
  state: CoordinatorState;

  constructor(
    identity: Identity,
    session: Session,
    announceFrame: Uint8Array,
    keyOf: (member: MemberId) => Uint8Array | undefined,
  ) {
    this.identity = identity;
    this.session = session;
    this.announceFrame = announceFrame;
    this.keyOf = keyOf;
    this.state = openCoordinator(session);
  }

  /** Records a statement, or says why not. */
  take(statement: MemberStatement, tree?: LeafTree): Refusal | undefined {
    const objection = objectionToStatement(this.state, statement);
    if (objection !== undefined) return objection;
    this.state = stepCoordinator(this.state, { kind: 'said', statement }).state;
    if (tree !== undefined) {
      const advertised = new Set(this.state.announced.get('sharing')?.members);
      const near = this.session.neighbours.get(statement.member) ?? [];
      const recipients = near.filter((each) => advertised.has(each));
      const places = new Map(recipients.map((each, i) => [each, i]));
      this.#bundles.set(statement.member, { ...tree, places });
    }
    return undefined;
  }

  /** Closes the phase: the next announcement, `open` when the masks can be opened, or the failure. */
  close(): SessionPhase | 'open' | undefined {
    const [effect] = stepCoordinator(this.state, { kind: 'close' }).effects;
    if (effect?.kind === 'open') return 'open';
    if (effect?.kind === 'announce') {
      this.state = stepCoordinator(this.state, { kind: 'announced', body: effect.body }).state;
      return effect.body;
    }
    if (effect?.kind === 'fail') {
      this.state = stepCoordinator(this.state, { ...effect, kind: 'failed' }).state;
    }
    return undefined;
  }

  /** What a member gets that asks for a phase. */
  async inbox({ member, survivors }: MemberState, phase: SessionPhaseName): Promise<MemberEvent> {
    const { announced, keys, masked, shares, survivors: signed } = this.state;
    const near = this.session.neighbours.get(member) ?? [];
    if (phase === 'sharing') {
      const members = announced.get('sharing')?.members ?? [];
      const digests = members.flatMap((each) => keys.get(each)?.digest ?? []);
      const said = near.flatMap((each) => (members.includes(each) ? (keys.get(each) ?? []) : []));
      return { kind: 'keys', digests, said };
    }
    if (phase === 'masking') {
      const sharers = announced.get('masking')?.members ?? [];
      const packets = near.flatMap((dealer) => {
        const said = shares.get(dealer);
        const packet = sharers.includes(dealer) ? this.packet(dealer, member) : undefined;
        return said === undefined || packet === undefined ? [] : [{ ...said, ...packet }];
      });
      return { kind: 'packets', packets };
    }
    if (phase === 'signing') {
      const members = announced.get('signing')?.members ?? [];
      return { kind: 'inputs', digests: members.flatMap((each) => masked.get(each)?.digest ?? []) };
    }
    if (survivors === undefined) return { kind: 'certificate', signers: [] };
    const signatures = [...signed.values()].map((each) => ({
      member: each.member,
      signature: each.signature,
    }));
    const signers = await certifyingSigners(
      this.session,
      member,
      survivors,
      signatures,
      this.keyOf,
      NO_PACE,
    );
    return { kind: 'certificate', signers };
  }

  packet(dealer: MemberId, recipient: MemberId): SharePacket | undefined {
    const bundle = this.#bundles.get(dealer);
    const said = this.state.shares.get(dealer);
    if (bundle === undefined || said === undefined) return undefined;
    const index = bundle.places.get(recipient);
    const leaf = index === undefined ? undefined : bundle.leaves[index];
    if (index === undefined || leaf === undefined) return undefined;
    return { frame: said.frame, index, leaf, path: [...(bundle.paths[index] ?? [])] };
  }

  /** Combines what members revealed. */
  secrets(): Promise<OpenResult> {
    const leafOf = async (dealer: MemberId, to: MemberId) => this.packet(dealer, to)?.leaf;
    return openSecrets(this.state, SimulatedCoordinator.key, leafOf, NO_PACE);
  }

  /** Opens the masks. @throws {Error} with who is to blame when that fails */
  async open(): Promise<OpenedSum> {
    const secrets = await this.secrets();
    if (!secrets.ok) throw new Error(`${secrets.detail}: ${secrets.blamed.join()}`);
    const sharers = this.state.announced.get('masking')?.members ?? [];
    const alive = this.state.announced.get('signing')?.members ?? [];
    const wraps = wrapsNeeded(this.session, sharers, alive).flatMap(
      ({ survivor, dropped }) => this.packet(survivor, dropped) ?? [],
    );
    const transcript = encodeTranscript(this.state, this.announceFrame, secrets.value, wraps, null);
    return { words: await this.sumOf(await this.check(transcript)), transcript };
  }

  /** Checks a transcript as anyone does. @throws {Error} with the refusal */
  async check(transcript: Uint8Array): Promise<CheckedTranscript> {
    const { member, publicKey } = this.identity;
    const opened = await openTranscript(transcript, {
      federation: FEDERATION,
      coordinatorKeyOf: (sender) => (sender === member ? publicKey : undefined),
      memberKeyOf: this.keyOf,
    });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return opened.value;
  }

  async sumOf({ inputs, masks }: CheckedTranscript): Promise<Uint32Array> {
    const sum = new SessionSum(this.session);
    for (const { body } of inputs) {
      const added = await sum.add(this.vectors.get(body.payload.root) ?? new Uint8Array());
      if (!added.ok) throw new Error(added.refusal.detail);
    }
    await sum.takeOff(masks, NO_PACE);
    return sum.words;
  }
}
