// Where a simulated member's effects take place: by value here, over bytes and under a watch in
// `pnpm bench secagg`.

import {
  applyMasks,
  beginMember,
  type Identity,
  type Mask,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  type MemberStep,
  type MemberTask,
  payloadRef,
  type RandomSource,
  ringVectorToBytes,
  runMemberTask,
  sealMessage,
  stepMember,
  toStatement,
  treeOfLeaves,
} from '@starling/crypto';
import { readFrame } from '@starling/rules';
import type { MessageDefinition, SessionPhaseName } from '@starling/shared';
import { FEDERATION, NO_PACE, SAYS } from './session-fixture.ts';
import type { SimulatedCoordinator } from './simulated-coordinator.ts';
import type { SimulatedUpdate } from './simulated-update.ts';

/** What a member says last: after it nothing comes from it. */
export type Silence = 'nothing' | 'keys' | 'shares' | 'masked' | 'survivors';
const ORDER: readonly string[] = ['keys', 'shares', 'masked', 'survivors', 'unmask'];

export type Saying = Extract<MemberEffect, { readonly kind: `say-${string}` }>;

export interface SimulatedMember {
  readonly identity: Identity;
  /** In ascending order of id. */
  readonly position: number;
  readonly silence: Silence | undefined;
  readonly update: SimulatedUpdate;
  state: MemberState;
}

export interface Stage {
  /** Draws a member's keys. */
  begin(identity: Identity): MemberStep;
  step(member: SimulatedMember, event: MemberEvent): MemberStep;
  compute(member: SimulatedMember, task: MemberTask): Promise<MemberEvent>;
  mask(member: SimulatedMember, masks: readonly Mask[]): Promise<MemberEvent>;
  /** What the coordinator has for a member in a phase. */
  fetch(member: SimulatedMember, phase: SessionPhaseName): Promise<MemberEvent>;
  say(member: SimulatedMember, effect: Saying): Promise<void>;
}

export class ValueStage implements Stage {
  readonly #coordinator: SimulatedCoordinator;
  readonly #random: RandomSource;

  constructor(coordinator: SimulatedCoordinator, random: RandomSource) {
    this.#coordinator = coordinator;
    this.#random = random;
  }

  begin({ member }: Identity): MemberStep {
    return beginMember(this.#coordinator.session, member, this.#random);
  }

  step({ state }: SimulatedMember, event: MemberEvent): MemberStep {
    return stepMember(state, event);
  }

  compute({ state }: SimulatedMember, task: MemberTask): Promise<MemberEvent> {
    return runMemberTask(state, task, this.#random, NO_PACE);
  }

  async mask({ update }: SimulatedMember, masks: readonly Mask[]): Promise<MemberEvent> {
    const words = update.words.slice();
    await applyMasks(words, this.#coordinator.session.numbers, masks, NO_PACE);
    const bytes = ringVectorToBytes(words);
    const payload = payloadRef(bytes);
    this.#coordinator.vectors.set(payload.root, bytes);
    return { kind: 'masked', commitment: payload.root, payload };
  }

  async fetch({ state }: SimulatedMember, phase: SessionPhaseName): Promise<MemberEvent> {
    return this.#coordinator.inbox(state, phase);
  }

  async say({ identity, silence }: SimulatedMember, effect: Saying): Promise<void> {
    const definition = SAYS[effect.kind] as MessageDefinition<unknown>;
    if (silence !== undefined && ORDER.indexOf(definition.type) > ORDER.indexOf(silence)) return;
    const content = { federation: FEDERATION, body: effect.body };
    const frame = sealMessage<unknown>(identity, definition, content);
    const { body, bodyDigest: digest, sender, signature } = readFrame(frame, definition);
    const said = { member: sender, body, digest, frame, signature };
    const tree = effect.kind === 'say-shares' ? treeOfLeaves(effect.leaves) : undefined;
    this.#coordinator.take(toStatement(definition.type, said), tree);
  }
}
