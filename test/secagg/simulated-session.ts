// A whole secure aggregation in one process: the machines that the network runs, real keys and
// signatures, messages handed over as values. Members fall silent where a test says so.

import {
  applyMasks,
  beginMember,
  createIdentity,
  digestOf,
  draftAnnounce,
  encodeUpdate,
  type Identity,
  type Mask,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  openSession,
  payloadRef,
  type RandomSource,
  ringVectorToBytes,
  runMemberTask,
  type Session,
  SessionSum,
  sealMessage,
  seededSource,
  stepMember,
  toStatement,
} from '@starling/crypto';
import { readFrame } from '@starling/rules';
import {
  encodeCanonical,
  type MaskedAggregation,
  type MemberId,
  type MessageDefinition,
  type SessionPhase,
  sessionAnnounce,
} from '@starling/shared';
import { FEDERATION, NO_PACE, POLICY, planOf, SAYS } from './session-fixture.ts';
import { type OpenedSum, SimulatedCoordinator } from './simulated-coordinator.ts';

/** What a member says last: after it nothing comes from it. */
export type Silence = 'nothing' | 'keys' | 'shares' | 'masked' | 'survivors';
const ORDER: readonly string[] = ['keys', 'shares', 'masked', 'survivors', 'unmask'];

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
}

type Saying = Extract<MemberEffect, { readonly kind: `say-${string}` }>;

interface Member {
  readonly identity: Identity;
  readonly silence: Silence | undefined;
  /** The update as ring elements, before it is masked. */
  readonly words: Uint32Array;
  state: MemberState;
}

export class SimulatedSession {
  readonly session: Session;
  readonly coordinator: SimulatedCoordinator;
  readonly members: ReadonlyMap<MemberId, Member>;
  /** Every effect that a member had. */
  readonly heard: { readonly member: MemberId; readonly effect: MemberEffect }[] = [];
  readonly #options: SimulationOptions;
  readonly #random: RandomSource;

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
    this.members = new Map(identities.map((each, i) => [each.member, this.#join(each, i)]));
  }

  /** Runs all phases; undefined when the session failed, else the opened sum. */
  async run(): Promise<OpenedSum | undefined> {
    for (const { identity, state } of this.members.values()) {
      await this.#perform(identity.member, [{ kind: 'say-keys', body: state.advertisement }]);
    }
    for (;;) {
      const next = this.coordinator.close();
      if (next === undefined) return undefined;
      if (next === 'open') return this.coordinator.open();
      await this.announce(next);
    }
  }

  /** Tells every member of a phase. */
  async announce(body: SessionPhase): Promise<void> {
    const { tell } = this.#options;
    for (const member of this.members.keys()) {
      const told = tell === undefined ? body : tell(member, body);
      if (told === undefined) continue;
      await this.give(member, { kind: 'phase', body: told, frame: encodeCanonical(told) });
    }
  }

  /** Gives a member an event and does what it wants done. */
  async give(member: MemberId, event: MemberEvent): Promise<void> {
    const target = this.of(member);
    const { state, effects } = stepMember(target.state, event);
    target.state = state;
    await this.#perform(member, effects);
  }

  of(member: MemberId): Member {
    const found = this.members.get(member);
    if (found === undefined) throw new Error(`${member} takes no part`);
    return found;
  }

  /** The plain sum of what these members put in, as ring elements. */
  async plainSum(members: readonly MemberId[]): Promise<Uint32Array> {
    const sum = new SessionSum(this.session);
    for (const member of members) await sum.add(ringVectorToBytes(this.of(member).words));
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

  #join(identity: Identity, position: number): Member {
    const { elements, silent } = this.#options;
    const drawn = new DataView(this.#random(4 * elements + 4).buffer);
    const update = Float32Array.from({ length: elements }, (_, i) => {
      return drawn.getInt32(4 * i) / 2 ** 30;
    });
    const { numbers } = this.session;
    const weight = 1 + (drawn.getUint32(4 * elements) % numbers.weightMax);
    const statistics = { weight, lossFirst: 2, lossLast: 1 };
    const { words } = encodeUpdate(update, statistics, numbers, this.#random);
    const { state } = beginMember(this.session, identity.member, this.#random);
    return { identity, words, silence: silent?.get(position), state };
  }

  async #perform(member: MemberId, effects: readonly MemberEffect[]): Promise<void> {
    for (const effect of effects) {
      this.heard.push({ member, effect });
      const event = await this.#do(this.of(member), effect);
      if (event !== undefined) await this.give(member, event);
    }
  }

  async #do(member: Member, effect: MemberEffect): Promise<MemberEvent | undefined> {
    switch (effect.kind) {
      case 'compute':
        return runMemberTask(member.state, effect.task, this.#random, NO_PACE);
      case 'mask':
        return this.#mask(member, effect.masks);
      case 'record-spent':
        return { kind: 'spent' };
      case 'fetch':
        return this.coordinator.inbox(member.state, effect.phase);
      case 'aborted':
        return undefined;
      default:
        return this.#say(member, effect);
    }
  }

  async #mask(member: Member, masks: readonly Mask[]): Promise<MemberEvent> {
    const words = member.words.slice();
    await applyMasks(words, this.session.numbers, masks, NO_PACE);
    const bytes = ringVectorToBytes(words);
    const payload = payloadRef(bytes);
    this.coordinator.vectors.set(payload.root, bytes);
    return { kind: 'masked', payload };
  }

  #say({ identity, silence }: Member, effect: Saying): undefined {
    const definition = SAYS[effect.kind] as MessageDefinition<unknown>;
    if (silence !== undefined && ORDER.indexOf(definition.type) > ORDER.indexOf(silence)) return;
    const content = { federation: FEDERATION, body: effect.body };
    const frame = sealMessage<unknown>(identity, definition, content);
    const { body, bodyDigest: digest, sender, signature } = readFrame(frame, definition);
    const said = { member: sender, body, digest, frame, signature };
    const leaves = effect.kind === 'say-shares' ? effect.leaves : undefined;
    this.coordinator.take(toStatement(definition.type, said), leaves);
  }
}
