// The announcement of a session: bounds follow from the number of participants, the fixed point from
// the room in the ring.

import {
  type Digest,
  fromMicros,
  type MaskedAggregation,
  type MemberId,
  type RoundPlan,
  type SessionAnnounce,
  type SessionGraph,
} from '@starling/shared';
import { CryptoError } from '../crypto-error.ts';
import { overflowOf } from './fixed-point.ts';
import { COMPLETE_PARTICIPANTS_MAX } from './graph.ts';
import { boundsOf, type SessionBounds } from './session.ts';

/** More bits than float32 carries below one are noise. */
const FRACTION_BITS_MAX = 30;

export interface SessionDraft {
  readonly attempt: number;
  readonly beacon: Digest;
  readonly coordinatorKey: Uint8Array;
  readonly group: SessionAnnounce['group'];
  readonly participants: readonly MemberId[];
  readonly phaseWithinMs: number;
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly policy: MaskedAggregation;
  readonly rotationSeed: Digest;
  readonly weightMax: number;
}

/**
 * The announcement for these participants.
 * @throws {CryptoError} `unsafe-session` when no graph is safe or nothing fits the ring
 */
export function draftAnnounce(draft: SessionDraft): SessionAnnounce {
  const { plan, policy } = draft;
  const participants = [...draft.participants].sort();
  const bounds = boundsOf(participants.length, policy);
  if (bounds === undefined) {
    const shares = `${policy.corruptMicros} corrupt and ${policy.dropMicros} dropped per million`;
    throw new CryptoError('unsafe-session', `no graph is safe for ${shares}`);
  }
  const { threshold, survivorsMin } = bounds;
  const noise =
    policy.noise === null ? null : { ...policy.noise, rotationSeed: draft.rotationSeed };
  return {
    attempt: draft.attempt,
    clipMicros: policy.clipMicros,
    coordinatorKey: draft.coordinatorKey,
    corruptMicros: policy.corruptMicros,
    dropMicros: policy.dropMicros,
    elements: plan.elements,
    fractionBits: fractionBitsOf(draft, participants.length),
    graph: graphOf(participants.length, bounds, draft.beacon),
    group: draft.group,
    model: plan.base,
    modelVersion: plan.baseVersion,
    noise,
    normMicros: plan.clippingNormMicros,
    participants,
    phaseWithinMs: draft.phaseWithinMs,
    plan: draft.planDigest,
    ring: policy.ring,
    roster: plan.roster,
    round: plan.round,
    survivorsMin,
    threshold,
    weightMax: noise === null ? draft.weightMax : 1,
  };
}

function graphOf(participants: number, bounds: SessionBounds, beacon: Digest): SessionGraph {
  if (participants <= COMPLETE_PARTICIPANTS_MAX) return { kind: 'complete' };
  return { kind: 'harary', beacon, degree: bounds.degree };
}

/** The most fraction bits for which no sum of these participants can wrap. */
function fractionBitsOf({ plan, policy, weightMax }: SessionDraft, participants: number): number {
  const settings = {
    ring: policy.ring,
    elements: plan.elements,
    clip: fromMicros(policy.clipMicros),
    weightMax,
  };
  for (let fractionBits = FRACTION_BITS_MAX; fractionBits > 0; fractionBits--) {
    if (overflowOf({ ...settings, fractionBits }, participants) === undefined) return fractionBits;
  }
  throw new CryptoError(
    'unsafe-session',
    `nothing of ${participants} members fits a ring of ${policy.ring} bits`,
  );
}
