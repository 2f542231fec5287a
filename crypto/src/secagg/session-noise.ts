// Differential privacy of a session's sum, as its announcement says: shares of noise from every
// member, or the coordinator's own noise on the mean.

import { fromMicros, type SessionAnnounce } from '@starling/shared';
import { type DistributedNoise, noiseProblem } from '../privacy/distributed-noise.ts';
import { centralCost, distributedCost, NO_NOISE, type RoundCost } from '../privacy/round-cost.ts';
import type { Session } from './session.ts';

/**
 * Settings of the members' noise shares; undefined without any. Shares of those that may collude
 * with the coordinator hide nothing from it, so fewer than the fewest survivors must suffice.
 */
export function distributedNoiseOf(
  announce: SessionAnnounce,
  corrupt: number,
): DistributedNoise | undefined {
  const { noise } = announce;
  if (noise === null || noise.mechanism === 'central-gaussian') return undefined;
  return {
    mechanism: noise.mechanism,
    elements: announce.elements,
    clippingNorm: fromMicros(announce.normMicros),
    noiseMultiplier: fromMicros(noise.noiseMultiplierMicros),
    survivorsMin: announce.survivorsMin - corrupt,
    participants: announce.participants.length,
    rotationSeed: new Uint8Array(Buffer.from(noise.rotationSeed, 'hex')),
  };
}

/** The inequality that an announcement's noise violates; undefined when there is none. */
export function noiseProblemOf(announce: SessionAnnounce, corrupt: number): string | undefined {
  const settings = distributedNoiseOf(announce, corrupt);
  const problem = settings === undefined ? undefined : noiseProblem(settings);
  if (problem !== undefined) return problem;
  if (announce.noise === null || announce.weightMax === 1) return undefined;
  return `weightMax = 1 in a private round, but weightMax = ${announce.weightMax}`;
}

/**
 * What taking part in this session costs. The coordinator draws no cohort at random, so nothing is
 * amplified by sampling.
 */
export function sessionCost({ announce, corrupt }: Session): RoundCost {
  const { noise } = announce;
  if (noise === null) return NO_NOISE;
  const sampling = { kind: 'all' } as const;
  const settings = distributedNoiseOf(announce, corrupt);
  if (settings !== undefined) return distributedCost(settings, sampling);
  return centralCost(fromMicros(noise.noiseMultiplierMicros), sampling);
}
