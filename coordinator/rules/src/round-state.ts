// One federated round as a fold: training → voting → final, or training → failed.
// There is no deadline on voting: a version that some members voted for is never dropped, so no
// second version can be certified in its place. The round waits for its quorum instead.

import type {
  Aggregate,
  Digest,
  MemberId,
  MissingMember,
  ModelUpdate,
  ModelVote,
  RoundPhase,
  RoundPlan,
} from '@starling/shared';
import { aggregate as aggregateMessage, modelUpdate, modelVote, roundPlan } from '@starling/shared';
import type { RecordedEvent } from './events.ts';
import { type FrameContent, readFrame } from './read-frame.ts';
import { RulesError } from './rules-error.ts';

/**
 * Invariant: `updates` and `refused` share no member; `aggregate` is set exactly in the phases
 * voting and final; votes are for the aggregate's own body.
 */
export interface RoundState {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly planFrame: Uint8Array;
  phase: Exclude<RoundPhase, 'idle'>;
  /** When the phase began or was resumed, by the coordinator's clock. */
  phaseSinceMs: number;
  readonly updates: Map<MemberId, FrameContent<ModelUpdate> & { readonly frame: Uint8Array }>;
  readonly refused: Map<MemberId, string>;
  aggregate: (FrameContent<Aggregate> & { readonly frame: Uint8Array }) | undefined;
  readonly votes: Map<MemberId, FrameContent<ModelVote>>;
  missing: readonly MissingMember[];
  failure: string | undefined;
  readonly openedAtMs: number;
  closedAtMs: number | undefined;
}

export function openRound(event: RecordedEvent & { type: 'round-opened' }): RoundState {
  const content = readFrame(event.payload.plan, roundPlan);
  return {
    plan: content.body,
    planDigest: content.bodyDigest,
    planFrame: event.payload.plan,
    phase: 'training',
    phaseSinceMs: event.atMs,
    updates: new Map(),
    refused: new Map(),
    aggregate: undefined,
    votes: new Map(),
    missing: [],
    failure: undefined,
    openedAtMs: event.atMs,
    closedAtMs: undefined,
  };
}

/** True while the round can still become final. */
export function isOpen(round: RoundState): boolean {
  return round.phase === 'training' || round.phase === 'voting';
}

/** Folds an event of this round into it. @throws {RulesError} `impossible-event` */
export function foldRound(round: RoundState, event: RecordedEvent): void {
  switch (event.type) {
    case 'round-resumed':
      round.phaseSinceMs = event.atMs;
      break;
    case 'update-received': {
      expectPhase(round, 'training', event);
      const content = readFrame(event.payload.update, modelUpdate);
      round.updates.set(content.sender, { ...content, frame: event.payload.update });
      break;
    }
    case 'update-refused':
      round.refused.set(event.payload.member, event.payload.reason);
      break;
    case 'aggregate-published': {
      expectPhase(round, 'training', event);
      const content = readFrame(event.payload.aggregate, aggregateMessage);
      round.aggregate = { ...content, frame: event.payload.aggregate };
      round.missing = content.body.missing;
      enter(round, 'voting', event.atMs);
      break;
    }
    case 'vote-received': {
      const content = readFrame(event.payload.vote, modelVote);
      round.votes.set(content.sender, content);
      break;
    }
    case 'version-finalised':
      expectPhase(round, 'voting', event);
      enter(round, 'final', event.atMs);
      round.closedAtMs = event.atMs;
      break;
    case 'round-failed':
      expectPhase(round, 'training', event);
      round.missing = event.payload.missing;
      round.failure = event.payload.reason;
      enter(round, 'failed', event.atMs);
      round.closedAtMs = event.atMs;
      break;
    default:
      throw new RulesError('impossible-event', `${event.type} is no event of a round`);
  }
}

function enter(round: RoundState, phase: RoundState['phase'], atMs: number): void {
  round.phase = phase;
  round.phaseSinceMs = atMs;
}

function expectPhase(round: RoundState, phase: RoundPhase, event: RecordedEvent): void {
  if (round.phase === phase) return;
  throw new RulesError(
    'impossible-event',
    `event ${event.seq} (${event.type}) in phase ${round.phase}, not ${phase}`,
  );
}
