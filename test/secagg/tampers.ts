// What a member does to its own machine when it breaks the protocol: before an event is taken, the
// state or the event is another one.

import {
  type MemberEvent,
  type MemberState,
  type MemberStep,
  type RandomSource,
  seededSource,
} from '@starling/crypto';
import type { MemberId } from '@starling/shared';
import type { SimulatedCoordinator } from './simulated-coordinator.ts';
import { type SimulatedMember, ValueStage } from './stage.ts';

export type Tamper = (
  state: MemberState,
  event: MemberEvent,
) => readonly [MemberState, MemberEvent];

export const HONEST: Tamper = (state, event) => [state, event];

/** Reveals other shares than it holds, of everyone. */
export const revealsWrongShares: Tamper = (state, event) => {
  if (event.kind !== 'certificate') return [state, event];
  const opened = [...state.opened].map(([dealer, packet]) => {
    const { seed, self, x } = packet.shares;
    return [
      dealer,
      { ...packet, shares: { x, seed: flipped(seed), self: flipped(self) } },
    ] as const;
  });
  return [{ ...state, opened: new Map(opened) }, event];
};

/** Reveals another share of its own secrets than it dealt itself. */
export const revealsWrongOwnShare: Tamper = (state, event) => {
  const own = state.dealt.get(state.member);
  if (event.kind !== 'certificate' || own === undefined) return [state, event];
  const wrong = { x: own.x, seed: flipped(own.seed), self: flipped(own.self) };
  return [{ ...state, dealt: new Map(state.dealt).set(state.member, wrong) }, event];
};

/** Keeps back its share of one dealer's secret. */
export const keepsBackAShare: Tamper = (state, event) => {
  if (event.kind !== 'certificate') return [state, event];
  return [{ ...state, opened: new Map([...state.opened].slice(1)) }, event];
};

/** Deals shares of other secrets than it committed to. */
export const dealsOtherSecrets: Tamper = (state, event) => {
  if (event.kind !== 'keys') return [state, event];
  const { seed, self } = state.keys;
  return [{ ...state, keys: { ...state.keys, seed: flipped(seed), self: flipped(self) } }, event];
};

/** Signs a packet that its recipient cannot use. */
export function sealsBrokenPacketFor(
  isVictim: (recipient: MemberId) => boolean,
  broken = (leaf: Uint8Array): Uint8Array => flipped(leaf, BOX_AT),
): Tamper {
  return (state, event) => {
    if (event.kind !== 'sealed') return [state, event];
    const recipients = [...state.neighbours.keys()];
    const leaves = event.leaves.map((leaf, i) => {
      const recipient = recipients[i];
      return recipient !== undefined && isVictim(recipient) ? broken(leaf) : leaf;
    });
    return [state, { ...event, leaves }];
  };
}

/** A stage on which some members tamper. */
export class HostileStage extends ValueStage {
  readonly #tamperOf: (position: number) => Tamper | undefined;

  constructor(
    coordinator: SimulatedCoordinator,
    tamperOf: (position: number) => Tamper | undefined,
    random: RandomSource = seededSource(3),
  ) {
    super(coordinator, random);
    this.#tamperOf = tamperOf;
  }

  override step(member: SimulatedMember, event: MemberEvent): MemberStep {
    const tamper = this.#tamperOf(member.position) ?? HONEST;
    const [state, tampered] = tamper(member.state, event);
    return super.step({ ...member, state }, tampered);
  }
}

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  return bytes.with(at, (bytes[at] ?? 0) ^ 1);
}

/** Inside the box of a leaf, behind the names of its fields. */
const BOX_AT = 20;
