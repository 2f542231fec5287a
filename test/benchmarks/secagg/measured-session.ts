// One session, measured: keys, shares and masked vectors once, and from there on once for each share
// of drop-outs.

import {
  encodeUpdate,
  type MemberState,
  openSession,
  payloadRef,
  ringVectorToBytes,
  sealMessage,
} from '@starling/crypto';
import {
  encodeCanonical,
  type MaskedAggregation,
  type MemberId,
  maskedInput,
  type SessionPhase,
  sessionAnnounce,
  sessionPhase,
} from '@starling/shared';
import { FEDERATION } from '../../secagg/session-fixture.ts';
import { SimulatedSession } from '../../secagg/simulated-session.ts';
import { CpuMeter } from './cpu-meter.ts';
import { DropOut } from './drop-out.ts';
import { readLetter } from './letters.ts';
import { MeasuredStage } from './measured-stage.ts';

export interface SessionSettings {
  readonly participants: number;
  readonly elements: number;
  readonly ring: 32 | 64;
  readonly seed: number;
  readonly policy: Partial<MaskedAggregation>;
  /** Shares of the members that send no masked vector. */
  readonly drops: readonly number[];
  /** Whether pairs that are not measured take short ways. */
  readonly isShort: boolean;
}

export interface PartyFigures {
  readonly clientSeconds: number;
  readonly serverSeconds: number;
  readonly uploadBytes: number;
  readonly downloadBytes: number;
  readonly exact: number;
}

export interface DropFigures {
  readonly share: number;
  readonly masked: PartyFigures & {
    readonly pullSeconds: number;
    readonly longestTurnMs: number;
    readonly longestTurnCpuMs: number;
  };
  readonly plain: PartyFigures & { readonly pullSeconds: number };
  /** Seconds of what each side does: of one client and of the coordinator. */
  readonly parts: Readonly<Record<'client' | 'server', Readonly<Record<string, number>>>>;
}

/** Clients whose every step is measured; figures are their means. */
const MEASURED = 3;

export class MeasuredSession {
  readonly #stage: MeasuredStage;
  readonly #simulation: SimulatedSession;
  readonly #measured: readonly MemberId[];
  readonly #drops: readonly DropOut[];
  readonly #plainClients = new CpuMeter();
  readonly #pulls = new Map<MemberId, CpuMeter>();

  constructor(settings: SessionSettings) {
    let stage: MeasuredStage | undefined;
    this.#simulation = new SimulatedSession({
      ...settings,
      stage(coordinator) {
        stage = new MeasuredStage(coordinator);
        return stage;
      },
    });
    if (stage === undefined) throw new TypeError('the simulation has no stage');
    this.#stage = stage;
    const members = [...this.#simulation.members.keys()];
    this.#measured = spread(members, MEASURED);
    const leaving = scattered(members.filter((member) => !this.#measured.includes(member)));
    const dropped = (share: number) => leaving.slice(0, Math.floor(share * members.length));
    this.#drops = settings.drops.map((share) => {
      const gone = new Set(dropped(share));
      const survivors = new Set(members.filter((member) => !gone.has(member)));
      return new DropOut(this.#simulation.session, share, survivors);
    });
    const special = new Set([...this.#measured, ...dropped(Math.max(...settings.drops))]);
    this.#stage.members = this.#simulation.members;
    this.#stage.cast = {
      measured: new Set(this.#measured),
      isReal: (one, other) => !settings.isShort || special.has(one) || special.has(other),
    };
    this.#stage.sink = (member, masked, plain) => this.#take(member, masked, plain);
  }

  /** The settings that follow from the number of participants. */
  get announce() {
    return this.#simulation.session.announce;
  }

  async run(): Promise<DropFigures[]> {
    this.#openSession();
    await this.#simulation.start();
    await this.#advance();
    await this.#advance();
    const figures: DropFigures[] = [];
    for (const drop of this.#drops) figures.push(await this.#finish(drop));
    return figures;
  }

  #openSession(): void {
    const { coordinator, server } = this.#stage;
    const { announce } = this.#simulation.session;
    server.run('announce', () => openSession(FEDERATION, announce, encodeCanonical(announce)));
    const content = { federation: FEDERATION, body: announce };
    server.run('announce', () => sealMessage(coordinator.identity, sessionAnnounce, content));
    for (const member of this.#measured) this.#stage.joinSession(member);
  }

  /** Closes a phase and announces the next one. */
  async #advance(audience?: ReadonlySet<MemberId>): Promise<void> {
    const { coordinator, server } = this.#stage;
    // Nobody asks for them here, and the collector would have to go through them.
    this.#simulation.heard.length = 0;
    const next = server.run('close', () => coordinator.close());
    if (next === undefined || next === 'open') {
      throw new Error(`no phase follows: ${coordinator.state.failed?.detail}`);
    }
    this.#stage.phaseFrame = server.run('announce', () => this.#sealed(next));
    await this.#simulation.announce(next, audience);
  }

  #sealed(body: SessionPhase): Uint8Array {
    const { identity } = this.#stage.coordinator;
    return sealMessage(identity, sessionPhase, { federation: FEDERATION, body });
  }

  async #take(member: MemberId, masked: Uint8Array, plain: Uint8Array): Promise<void> {
    const pull = new CpuMeter();
    pull.run('root', () => payloadRef(masked));
    this.#pulls.set(member, pull);
    for (const drop of this.#drops) await drop.add(member, masked, plain);
    if (!this.#measured.includes(member)) return;
    const { identity, update } = this.#simulation.of(member);
    const { examples: weight, ...losses } = update.statistics;
    const coordinates = update.coordinates();
    const { announce, numbers } = this.#simulation.session;
    this.#plainClients.run('plain', () => {
      const statistics = { weight, ...losses };
      const { words } = encodeUpdate(coordinates, statistics, numbers, update.rounding);
      const payload = payloadRef(ringVectorToBytes(words));
      const { plan } = announce;
      const body = { commitment: plan, payload, session: plan, sharers: plan };
      return sealMessage(identity, maskedInput, { federation: FEDERATION, body });
    });
  }

  /** From the masked vectors of those that stay to the sum; leaves everything as it was. */
  async #finish(drop: DropOut): Promise<DropFigures> {
    const stage = this.#stage;
    const { coordinator } = stage;
    const standing = coordinator.state;
    const shared = stage.server;
    const parties = this.#measured.map((member) => stage.partyOf(member));
    const before = parties.map(({ cpu, downloadBytes, uploadBytes }) => {
      return { parts: cpu.parts, downloadBytes, uploadBytes };
    });
    const states = [...stage.members.values()].map((member) => [member, member.state] as const);
    for (const [member, state] of states) member.state = copyOf(state);
    stage.server = drop.server;
    await this.#finishPhases(drop);
    await drop.closePlain(coordinator, stage.inputs);
    const figures = this.#figuresOf(drop, shared);
    coordinator.state = standing;
    stage.server = shared;
    for (const [member, state] of states) member.state = state;
    parties.forEach((party, i) => {
      const { parts, ...bytes } = before[i] ?? { parts: new Map() };
      Object.assign(party, bytes);
      party.cpu.parts = parts;
    });
    return figures;
  }

  async #finishPhases(drop: DropOut): Promise<void> {
    const { coordinator, inputs } = this.#stage;
    for (const member of drop.survivors) {
      const letter = inputs.get(member) ?? new Uint8Array();
      drop.server.run('verify-masked', () => readLetter(coordinator, letter, 'say-masked'));
    }
    await this.#advance(drop.survivors);
    await this.#advance(drop.survivors);
    if (drop.server.run('close', () => coordinator.close()) !== 'open')
      throw new Error('nothing to open');
    await drop.open(coordinator);
  }

  #figuresOf(drop: DropOut, shared: CpuMeter): DropFigures {
    const parties = this.#measured.map((member) => this.#stage.partyOf(member));
    const meters = [drop.server, ...parties.map(({ cpu }) => cpu)];
    const pulls = [...drop.survivors].map((member) => this.#pulls.get(member)?.seconds ?? 0);
    const pullSeconds = pulls.reduce((sum, seconds) => sum + seconds, 0);
    const exact = Number(drop.isExact);
    const [input = new Uint8Array()] = this.#stage.inputs.values();
    return {
      share: drop.share,
      parts: {
        client: meanParts(parties.map(({ cpu }) => cpu)),
        server: summedParts(shared, drop.server),
      },
      masked: {
        clientSeconds: meanOf(parties.map(({ cpu }) => cpu.seconds)),
        serverSeconds: shared.seconds + drop.server.seconds,
        pullSeconds,
        uploadBytes: Math.round(meanOf(parties.map(({ uploadBytes }) => uploadBytes))),
        downloadBytes: Math.round(meanOf(parties.map(({ downloadBytes }) => downloadBytes))),
        longestTurnMs: Math.max(...meters.map(({ longestTurnMs }) => longestTurnMs)),
        longestTurnCpuMs: Math.max(...meters.map(({ longestTurnCpuMs }) => longestTurnCpuMs)),
        exact,
      },
      plain: {
        clientSeconds: this.#plainClients.seconds / MEASURED,
        serverSeconds: drop.plainServer.seconds,
        pullSeconds,
        uploadBytes: input.byteLength + drop.vectorBytes,
        downloadBytes: 0,
        exact: 1,
      },
    };
  }
}

/** So many members in the middle of as many equal parts of the order. */
function spread(members: readonly MemberId[], count: number): MemberId[] {
  const places = Array.from({ length: count }, (_, i) => ((i + 0.5) / count) * members.length);
  return places.map((at) => members[Math.floor(at)] as MemberId);
}

/** An order that spreads its first members over all places: steps of the golden section. */
function scattered(members: readonly MemberId[]): MemberId[] {
  const place = (i: number) => (i * 0.6180339887498949) % 1;
  const order = members.map((_, i) => i).sort((a, b) => place(a + 1) - place(b + 1));
  return order.map((at) => members[at] as MemberId);
}

/** With secrets of its own, since they are erased at the end. */
function copyOf(state: MemberState): MemberState {
  const { keys } = state;
  const slices = ({ x, self, seed }: { x: number; self: Uint8Array; seed: Uint8Array }) => {
    return { x, self: self.slice(), seed: seed.slice() };
  };
  return {
    ...state,
    keys: { ...keys, seed: keys.seed.slice(), self: keys.self.slice() },
    dealt: new Map([...state.dealt].map(([holder, held]) => [holder, slices(held)])),
    opened: new Map(
      [...state.opened].map(([dealer, { edge, shares }]) => {
        return [dealer, { edge: edge?.slice(), shares: slices(shares) }];
      }),
    ),
  };
}

function summedParts(...meters: readonly CpuMeter[]): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const meter of meters) {
    for (const [name, seconds] of meter.parts) parts[name] = (parts[name] ?? 0) + seconds;
  }
  return parts;
}

function meanParts(meters: readonly CpuMeter[]): Record<string, number> {
  const summed = Object.entries(summedParts(...meters));
  return Object.fromEntries(summed.map(([name, seconds]) => [name, seconds / meters.length]));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
