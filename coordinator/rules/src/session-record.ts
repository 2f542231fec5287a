// The secure aggregations of a masked round as folds of the log: one for each group, with its
// attempts. The protocol's own machine lives in crypto; here stands what the log adds to it.

import {
  type CoordinatorState,
  type MemberStatement,
  objectionToStatement,
  openCoordinator,
  openSession,
  stepCoordinator,
  toStatement,
} from '@starling/crypto';
import {
  complaint,
  type FederationId,
  keyAdvertisement,
  type MemberId,
  type MessageDefinition,
  type MissingMember,
  maskedInput,
  type PayloadRef,
  type Refusal,
  sessionAnnounce,
  sessionPhase,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';

import type { RecordedEvent } from './events.ts';
import { readFrame, typeOfFrame } from './read-frame.ts';
import { RulesError } from './rules-error.ts';

/** Invariant: `state` is the fold of the session's events; `phaseSinceMs` is the newest phase's. */
export interface SessionRecord {
  readonly state: CoordinatorState;
  readonly announceFrame: Uint8Array;
  /** Signed announcements of its phases, in order: repeated until the round is over. */
  readonly phaseFrames: readonly Uint8Array[];
  /** Where the leaves of each member's R1 lie. */
  readonly leaves: ReadonlyMap<MemberId, PayloadRef>;
  /** Members that did not answer in time, and why. */
  readonly missing: ReadonlyMap<MemberId, MissingMember>;
  readonly phaseSinceMs: number;
}

/** The round's phase while a session waits for these statements. */
export const ROUND_PHASE_OF = Object.freeze({
  keys: 'training',
  shares: 'sharing',
  masked: 'masking',
  survivors: 'signing',
  unmask: 'unmasking',
  complete: 'unmasking',
} as const);

export type SessionEvent = Extract<RecordedEvent, { type: `session-${string}` }>;

/** What members say in a session: the frames that `session-said` may hold. */
export const SESSION_STATEMENTS: readonly MessageDefinition<unknown>[] = [
  keyAdvertisement,
  shareBundle,
  maskedInput,
  survivors,
  unmaskShares,
  complaint,
];

/**
 * A member's statement as it stands in a frame that was verified.
 * @throws {RulesError} `corrupt-log`
 */
export function readStatement(frame: Uint8Array): MemberStatement {
  const type = typeOfFrame(frame);
  const definition = SESSION_STATEMENTS.find((each) => each.type === type);
  if (definition === undefined) {
    throw new RulesError('corrupt-log', `a ${type} is no statement of a session`);
  }
  const content = readFrame<unknown>(frame, definition);
  return toStatement(definition.type, {
    member: content.sender,
    body: content.body,
    digest: content.bodyDigest,
    frame,
    signature: content.signature,
  });
}

/** Opens a session from its announcement. @throws {RulesError} `impossible-event` */
export function openRecord(
  federation: FederationId,
  announceFrame: Uint8Array,
  atMs: number,
): SessionRecord {
  const { body, bodyBytes } = readFrame(announceFrame, sessionAnnounce);
  const session = openSession(federation, body, bodyBytes);
  if (!session.ok) throw new RulesError('impossible-event', session.refusal.detail);
  return {
    state: openCoordinator(session.value),
    announceFrame,
    phaseFrames: [],
    leaves: new Map(),
    missing: new Map(),
    phaseSinceMs: atMs,
  };
}

/** Folds an event of this session into its record. @throws {RulesError} `impossible-event` */
export function foldSession(record: SessionRecord, event: SessionEvent): SessionRecord {
  switch (event.type) {
    case 'session-said': {
      const statement = readStatement(event.payload.frame);
      expectTaken(objectionToStatement(record.state, statement), event);
      const { state } = stepCoordinator(record.state, { kind: 'said', statement });
      const { leaves: ref, member } = event.payload;
      const leaves = ref === null ? record.leaves : new Map(record.leaves).set(member, ref);
      return { ...record, state, leaves };
    }
    case 'session-equivocated': {
      const { frame, member } = event.payload;
      const { state } = stepCoordinator(record.state, { kind: 'equivocated', member, frame });
      return { ...record, state };
    }
    case 'session-faulted': {
      const { members } = event.payload;
      const { state } = stepCoordinator(record.state, { kind: 'faulted', members });
      return { ...record, state };
    }
    case 'session-announced': {
      const { body } = readFrame(event.payload.phase, sessionPhase);
      const { state } = stepCoordinator(record.state, { kind: 'announced', body });
      const phaseFrames = [...record.phaseFrames, event.payload.phase];
      const missing = withMissing(record, event.payload.missing);
      return { ...record, state, phaseFrames, missing, phaseSinceMs: event.atMs };
    }
    case 'session-failed': {
      const { state } = stepCoordinator(record.state, { kind: 'failed', ...event.payload });
      return { ...record, state, missing: withMissing(record, event.payload.missing) };
    }
    case 'session-opened':
      throw new RulesError('impossible-event', `event ${event.seq} opens a session twice`);
  }
}

function withMissing(
  { missing }: SessionRecord,
  more: readonly MissingMember[],
): SessionRecord['missing'] {
  return new Map([...missing, ...more.map((each) => [each.member, each] as const)]);
}

function expectTaken(objection: Refusal | undefined, event: SessionEvent): void {
  if (objection === undefined) return;
  const detail = `event ${event.seq} (${event.type}): ${objection.detail}`;
  throw new RulesError('impossible-event', detail);
}
