// A whole secure aggregation in one process: the machines that the network runs, real keys and
// signatures, messages handed over as values. Members fall silent where a test says so.

import {
  createIdentity,
  digestOf,
  draftAnnounce,
  type Identity,
  type MemberEffect,
  type MemberEvent,
  openSession,
  type RandomSource,
  ringVectorToBytes,
  type Session,
  SessionSum,
  sealMessage,
  seededSource,
} from '@starling/crypto';
import {
  encodeCanonical,
  type MaskedAggregation,
  type MemberId,
  type SessionPhase,
  sessionAnnounce,
} from '@starling/shared';
import { FEDERATION, POLICY, planOf } from './session-fixture.ts';
import { type OpenedSum, SimulatedCoordinator } from './simulated-coordinator.ts';
import { SimulatedUpdate } from './simulated-update.ts';
import { type Silence, type SimulatedMember, type Stage, ValueStage } from './stage.ts';

export interface SimulationOptions {
  readonly participants: number;
  readonly elements: number;
  readonly ring: 32 | 64;
  readonly seed: number;
  /** Members by position in ascending order of id, with the last thing they say. */
  readonly silent?: ReadonlyMap<number, Silence>;
  readonly weightMax?: number;
  readonly policy?: Partial<MaskedAggregation>;
  /** Changes what the coordinator tells one member; undefined holds it back. */
  readonly tell?: (member: MemberId, body: SessionPhase) => SessionPhase | undefined;
  /** Where effects take place; by value when absent. */
  readonly stage?: (coordinator: SimulatedCoordinator) => Stage;
}

export class SimulatedSession {
  readonly session: Session;
  readonly coordinator: SimulatedCoordinator;
  readonly members: ReadonlyMap<MemberId, SimulatedMember>;
  /** Every effect that a member had. */
  readonly heard: { readonly member: MemberId; readonly effect: MemberEffect }[] = [];
  readonly #options: SimulationOptions;
  readonly #random: RandomSource;
  readonly #stage: Stage;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = seededSource(options.seed);
    const identity = createIdentity(this.#random(32));
    const identities = Array.from({ length: options.participants }, () =>
      createIdentity(this.#random(32)),
    ).sort((a, b) => (a.member < b.member ? -1 : 1));
    const body = this.#announce(identities.map(({ member }) => member));
    const opened = openSession(FEDERATION, body, encodeCanonical(body));
    if (!opened.ok) throw new Error(opened.refusal.detail);
    this.session = opened.value;
    const frame = sealMessage(identity, sessionAnnounce, { federation: FEDERATION, body });
    const keys = new Map(identities.map(({ member, publicKey }) => [member, publicKey]));
    const keyOf = (member: MemberId) => keys.get(member);
    this.coordinator = new SimulatedCoordinator(identity, this.session, frame, keyOf);
    this.#stage =
      options.stage?.(this.coordinator) ?? new ValueStage(this.coordinator, this.#random);
    this.members = new Map(identities.map((each, i) => [each.member, this.#join(each, i)]));
  }

  /** Runs all phases; undefined when the session failed, else the opened sum. */
  async run(): Promise<OpenedSum | undefined> {
    await this.start();
    for (;;) {
      const next = this.coordinator.close();
      if (next === undefined) return undefined;
      if (next === 'open') return this.coordinator.open();
      await this.announce(next);
    }
  }

  /** Everyone says its keys. */
  async start(): Promise<void> {
    for (const { identity, state } of this.members.values()) {
      await this.#perform(identity.member, [{ kind: 'say-keys', body: state.advertisement }]);
    }
  }

  /** Tells members of a phase, all of them when not told whom. */
  async announce(
    body: SessionPhase,
    audience: Iterable<MemberId> = this.members.keys(),
  ): Promise<void> {
    const { tell } = this.#options;
    for (const member of audience) {
      const told = tell === undefined ? body : tell(member, body);
      if (told === undefined) continue;
      await this.give(member, { kind: 'phase', body: told, frame: encodeCanonical(told) });
    }
  }

  /** Gives a member an event and does what it wants done. */
  async give(member: MemberId, event: MemberEvent): Promise<void> {
    const target = this.of(member);
    const { state, effects } = this.#stage.step(target, event);
    target.state = state;
    await this.#perform(member, effects);
  }

  of(member: MemberId): SimulatedMember {
    const found = this.members.get(member);
    if (found === undefined) throw new Error(`${member} takes no part`);
    return found;
  }

  /** The plain sum of what these members put in, as ring elements. */
  async plainSum(members: readonly MemberId[]): Promise<Uint32Array> {
    const sum = new SessionSum(this.session);
    for (const member of members) await sum.add(ringVectorToBytes(this.of(member).update.words));
    return sum.words;
  }

  #announce(participants: readonly MemberId[]) {
    const { elements, policy, ring, weightMax } = this.#options;
    return draftAnnounce({
      attempt: 1,
      beacon: digestOf(new Uint8Array()),
      coordinatorKey: SimulatedCoordinator.key.publicKey,
      group: { count: 1, index: 0 },
      participants,
      phaseWithinMs: 1000,
      plan: planOf(elements),
      planDigest: digestOf(Uint8Array.of(1)),
      policy: { ...POLICY, ring, ...policy },
      rotationSeed: digestOf(Uint8Array.of(2)),
      weightMax: weightMax ?? 1000,
    });
  }

  #join(identity: Identity, position: number): SimulatedMember {
    const seed = new DataView(this.#random(4).buffer).getUint32(0);
    const update = new SimulatedUpdate(seed, this.session.numbers);
    const { state } = this.#stage.begin(identity);
    return { identity, position, silence: this.#options.silent?.get(position), update, state };
  }

  async #perform(member: MemberId, effects: readonly MemberEffect[]): Promise<void> {
    for (const effect of effects) {
      this.heard.push({ member, effect });
      const event = await this.#do(this.of(member), effect);
      if (event !== undefined) await this.give(member, event);
    }
  }

  async #do(member: SimulatedMember, effect: MemberEffect): Promise<MemberEvent | undefined> {
    switch (effect.kind) {
      case 'compute':
        return this.#stage.compute(member, effect.task);
      case 'mask':
        return this.#stage.mask(member, effect.masks);
      case 'record-spent':
        return { kind: 'spent' };
      case 'fetch':
        return this.#stage.fetch(member, effect.phase);
      case 'aborted':
        return undefined;
      default:
        await this.#stage.say(member, effect);
        return undefined;
    }
  }
}
