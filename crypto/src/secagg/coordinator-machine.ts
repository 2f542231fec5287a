// The coordinator's side of PSA-1: (state, event) → (state, effects). It collects R0 to R4, closes
// each set, and learns the sum or nothing. It is trusted with liveness only.

import {
  equalBytes,
  type KeyAdvertisement,
  type MemberId,
  type Refusal,
  refusal,
  type SessionPhase,
} from '@starling/shared';
import { X_WING_PUBLIC_KEY_BYTES } from '../kem/x-wing.ts';
import type {
  CollectPhase,
  CoordinatorEffect,
  CoordinatorEvent,
  CoordinatorState,
  CoordinatorStep,
  FailedSession,
  MemberStatement,
} from './coordinator-state.ts';
import { survivorsOf } from './coordinator-state.ts';
import { phaseRoot, survivorsDigest } from './phase-root.ts';
import { type Session, shareholdersOf } from './session.ts';

export function openCoordinator(session: Session): CoordinatorState {
  return {
    session,
    phase: 'keys',
    announced: new Map(),
    keys: new Map(),
    shares: new Map(),
    masked: new Map(),
    survivors: new Map(),
    unmask: new Map(),
    complaints: new Map(),
    equivocated: new Map(),
    faulted: new Set(),
    failed: undefined,
  };
}

/** What an event makes of a session. */
export function stepCoordinator(state: CoordinatorState, event: CoordinatorEvent): CoordinatorStep {
  switch (event.kind) {
    case 'said':
      return { state: withStatement(state, event.statement), effects: [] };
    case 'equivocated': {
      const equivocated = new Map(state.equivocated).set(event.member, event.frame);
      return { state: { ...state, equivocated }, effects: [] };
    }
    case 'faulted': {
      const faulted = new Set([...state.faulted, ...event.members]);
      return { state: { ...state, faulted }, effects: [] };
    }
    case 'close':
      return { state, effects: [closing(state)] };
    case 'announced': {
      const { body } = event;
      const announced = new Map(state.announced).set(body.phase, body);
      return { state: { ...state, announced, phase: COLLECTS[body.phase] }, effects: [] };
    }
    case 'failed': {
      const { reason, detail, blamed } = event;
      return { state: { ...state, failed: { reason, detail, blamed } }, effects: [] };
    }
  }
}

const COLLECTS: Readonly<Record<SessionPhase['phase'], CollectPhase>> = Object.freeze({
  sharing: 'shares',
  masking: 'masked',
  signing: 'survivors',
  unmasking: 'unmask',
});

/** Members that are asked in the present phase. */
export function audienceOf(state: CoordinatorState): readonly MemberId[] {
  const { announced, equivocated, phase, session } = state;
  const asked = {
    keys: session.announce.participants,
    shares: announced.get('sharing')?.members,
    masked: announced.get('masking')?.members,
    survivors: announced.get('signing')?.members,
    unmask: announced.get('signing')?.members,
    complete: [],
  }[phase];
  return (asked ?? []).filter((member) => !equivocated.has(member));
}

/** Members whose answer in the present phase is on record. */
export function answeredIn(state: CoordinatorState): readonly MemberId[] {
  return state.phase === 'complete' ? [] : [...state[state.phase].keys()].sort();
}

/** True when the masks can be opened already: enough shares of every secret are here. */
export function isOpenable(state: CoordinatorState): boolean {
  const { session } = state;
  if (state.phase !== 'unmask') return false;
  const sharers = state.announced.get('masking')?.members ?? [];
  return sharers.every((dealer) => {
    const holders = shareholdersOf(session, dealer);
    const good = holders.filter((each) => state.unmask.has(each) && !state.faulted.has(each));
    return good.length >= session.announce.threshold;
  });
}

/**
 * Why a verified statement is not taken; undefined when it may be recorded. A statement that was
 * recorded already is a `duplicate`; another one of the same kind is `equivocation`.
 */
export function objectionToStatement(
  state: CoordinatorState,
  statement: MemberStatement,
): Refusal | undefined {
  const { body, digest, kind, member } = statement;
  if (body.session !== state.session.id) return refusal('stale-round', 'is of another session');
  if (!state.session.announce.participants.includes(member)) {
    return refusal('not-in-cohort', 'is no participant of this session');
  }
  if (state.failed !== undefined) return refusal('stale-round', 'the session has failed');
  const known = kind === 'complaint' ? state.complaints.get(member) : state[kind].get(member);
  if (known !== undefined) {
    return known.digest === digest
      ? refusal('duplicate', `its ${kind} are on record`)
      : refusal('equivocation', `two different statements in the phase ${kind}`);
  }
  if (kind === 'complaint') return objectionToComplaint(state, statement);
  if (state.equivocated.has(member)) return refusal('not-permitted', 'has said two things');
  if (kind !== state.phase) {
    const order = ORDER.indexOf(kind) < ORDER.indexOf(state.phase);
    const detail = `${kind} in the phase ${state.phase}`;
    return refusal(order ? 'stale-round' : 'future-round', detail);
  }
  if (!audienceOf(state).includes(member)) {
    return refusal('not-in-cohort', `was not asked for its ${kind}`);
  }
  return objectionToContent(state, statement);
}

/** What a member cannot use it finds before it masks; later a complaint could only end the sum. */
function objectionToComplaint(
  { announced, session }: CoordinatorState,
  { body }: MemberStatement & { kind: 'complaint' },
): Refusal | undefined {
  if (announced.has('signing')) return refusal('stale-round', 'the survivors are named already');
  if (session.announce.participants.includes(body.accused)) return undefined;
  return refusal('wrong-shape', 'accuses nobody of this session');
}

const ORDER: readonly CollectPhase[] = ['keys', 'shares', 'masked', 'survivors', 'unmask'];

function objectionToContent(
  state: CoordinatorState,
  { kind, body, member }: MemberStatement,
): Refusal | undefined {
  switch (kind) {
    case 'keys':
      return objectionToKeys(state, body);
    case 'shares': {
      const sharing = state.announced.get('sharing');
      const asked = new Set(sharing?.members);
      const near = state.session.neighbours.get(member) ?? [];
      const leaves = near.filter((each) => asked.has(each)).length;
      if (body.advertised === sharing?.root && body.leaves === leaves) return undefined;
      return refusal('wrong-shape', `${body.leaves} leaves under other keys, ${leaves} expected`);
    }
    case 'masked':
      if (body.sharers === state.announced.get('masking')?.root) return undefined;
      return refusal('wrong-shape', 'is masked for another set of members');
    case 'survivors': {
      const expected = survivorsOf(state);
      const isSame =
        expected?.root === body.root &&
        expected.sharers === body.sharers &&
        expected.members.join() === body.members.join();
      return isSame ? undefined : refusal('wrong-shape', 'signs other survivors');
    }
    default:
      return undefined;
  }
}

/** Whose keys are not its own ends the session for all its neighbours, so it does not get that far. */
function objectionToKeys(
  { keys }: CoordinatorState,
  { channelKey, maskKey }: KeyAdvertisement,
): Refusal | undefined {
  const taken = [...keys.values()].flatMap(({ body }) => [body.channelKey, body.maskKey]);
  for (const key of [channelKey, maskKey]) {
    if (key.byteLength !== X_WING_PUBLIC_KEY_BYTES) {
      return refusal('wrong-shape', `a key of ${key.byteLength} bytes`);
    }
    if (taken.some((other) => equalBytes(other, key))) {
      return refusal('wrong-shape', 'a key that was advertised before');
    }
    taken.push(key);
  }
  return undefined;
}

function withStatement(state: CoordinatorState, statement: MemberStatement): CoordinatorState {
  const { kind, member } = statement;
  if (kind === 'complaint') {
    return { ...state, complaints: new Map(state.complaints).set(member, statement) };
  }
  return { ...state, [kind]: new Map<MemberId, unknown>(state[kind]).set(member, statement) };
}

/** The next announcement, or why the session ends without a sum. */
function closing(state: CoordinatorState): CoordinatorEffect {
  const { session, phase } = state;
  if (state.complaints.size > 0) return { kind: 'fail', ...complaintFailure(state) };
  if (phase === 'unmask') {
    if (isOpenable(state)) return { kind: 'open' };
    const faulted = [...state.faulted].sort();
    const detail = `${state.unmask.size} members opened their shares, ${faulted.length} of them wrong`;
    return { ...tooFew(detail), blamed: faulted };
  }
  if (phase === 'complete') return { kind: 'open' };
  const said = [...state[phase].values()]
    .filter(({ member }) => !state.equivocated.has(member))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
  const members = said.map(({ member }) => member);
  const needed = phase === 'survivors' ? session.certificateMin : session.announce.survivorsMin;
  if (members.length < needed) {
    return tooFew(`${members.length} members in the phase ${phase}, at least ${needed}`);
  }
  const next = ({ keys: 'sharing', shares: 'masking', masked: 'signing' } as const)[
    phase as 'keys' | 'shares' | 'masked'
  ];
  if (next !== undefined) {
    const root = phaseRoot(session.id, next, said);
    return { kind: 'announce', body: { members, phase: next, root, session: session.id } };
  }
  const survivors = survivorsOf(state);
  if (survivors === undefined) throw new TypeError('survivors were signed before they were named');
  const root = survivorsDigest(survivors);
  return { kind: 'announce', body: { members, phase: 'unmasking', root, session: session.id } };
}

/**
 * Nobody can prove a sealed packet faulty without opening secrets. Whom two members accuse is left
 * out of the next attempt; of a single dispute both sides are.
 */
function complaintFailure({ complaints }: CoordinatorState): FailedSession {
  const accusers = new Map<MemberId, MemberId[]>();
  for (const { body, member } of complaints.values()) {
    accusers.set(body.accused, [...(accusers.get(body.accused) ?? []), member]);
  }
  const blamed = new Set<MemberId>();
  for (const [accused, by] of accusers) {
    blamed.add(accused);
    for (const member of by) if (by.length === 1 && !accusers.has(member)) blamed.add(member);
  }
  const detail = [...accusers].map(([accused, by]) => `${by.join(', ')} against ${accused}`);
  return { reason: 'complaint', detail: detail.join('; '), blamed: [...blamed].sort() };
}

function tooFew(detail: string): CoordinatorEffect & { kind: 'fail' } {
  return { kind: 'fail', reason: 'too-few', detail, blamed: [] };
}
