// Sessions for tests: members that are digests, a plan that counts them all, an honest draft.

import {
  type Digest,
  encodeCanonical,
  type FederationId,
  type MaskedAggregation,
  type MemberId,
  type RoundPlan,
  type SessionAnnounce,
} from '@starling/shared';
import { domainDigest } from '../digest.ts';
import { createXWingKey } from '../kem/x-wing.ts';
import { draftAnnounce } from './draft-announce.ts';
import { roundBeacon } from './groups.ts';
import { openSession, type Session } from './session.ts';

export const FEDERATION = 'f'.repeat(64) as FederationId;
const { publicKey: coordinatorKey } = createXWingKey(new Uint8Array(32));

export const AGREED: MaskedAggregation = Object.freeze({
  clipMicros: 1_000_000,
  corruptMicros: 50_000,
  dropMicros: 50_000,
  groupSize: null,
  mode: 'masked',
  noise: null,
  ring: 32,
});

export function testDigest(byte: number): Digest {
  return domainDigest('test', Uint8Array.of(byte));
}

/** Sorted. */
export function testMembers(count: number): MemberId[] {
  return Array.from({ length: count }, (_, i) => {
    return domainDigest('member', Uint8Array.of(i >> 8, i & 255)) as string as MemberId;
  }).sort();
}

export function testPlan(cohort: readonly MemberId[], changes: Partial<RoundPlan> = {}): RoundPlan {
  return {
    base: testDigest(1),
    baseVersion: 3,
    clippingNormMicros: 1_000_000,
    cohort: [...cohort],
    elements: 8,
    roster: testDigest(2),
    round: 4,
    seed: 1,
    training: { batchSize: 2, learningRateMicros: 1, localEpochs: 1, temperatureMicros: 1 },
    trainWithinMs: 1,
    updatesMin: 2,
    voters: [...cohort],
    ...changes,
  };
}

/** What an honest coordinator announces for this plan. */
export function testAnnounce(
  plan: RoundPlan,
  policy: Partial<MaskedAggregation> = {},
  participants: readonly MemberId[] = plan.cohort,
): SessionAnnounce {
  return draftAnnounce({
    attempt: 1,
    beacon: roundBeacon(plan.roster, plan.base),
    coordinatorKey,
    group: { count: 1, index: 0 },
    participants,
    phaseWithinMs: 1,
    plan,
    planDigest: testDigest(3),
    policy: { ...AGREED, ...policy },
    rotationSeed: testDigest(4),
    weightMax: 1000,
  });
}

/** @throws {Error} with the refusal */
export function opened(body: SessionAnnounce): Session {
  const session = openSession(FEDERATION, body, encodeCanonical(body));
  if (!session.ok) throw new Error(session.refusal.detail);
  return session.value;
}
