// What simulated sessions are made of: a plan, a seeded source, the messages behind effects.

import { digestOf } from '@starling/crypto';
import {
  complaint,
  type FederationId,
  keyAdvertisement,
  type MaskedAggregation,
  maskedInput,
  type RoundPlan,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';

export const FEDERATION = 'f'.repeat(64) as FederationId;
/** Simulations have the process to themselves. */
export const NO_PACE = Object.freeze({ pause: () => Promise.resolve() });

/** The message of each thing that a member says. */
export const SAYS = Object.freeze({
  'say-keys': keyAdvertisement,
  'say-shares': shareBundle,
  'say-masked': maskedInput,
  'say-survivors': survivors,
  'say-unmask': unmaskShares,
  'say-complaint': complaint,
});

export const POLICY: MaskedAggregation = Object.freeze({
  clipMicros: 1_000_000,
  corruptMicros: 50_000,
  dropMicros: 50_000,
  groupSize: null,
  mode: 'masked',
  noise: null,
  ring: 32,
});

export function planOf(elements: number): RoundPlan {
  return {
    base: digestOf(Uint8Array.of(3)),
    baseVersion: 0,
    clippingNormMicros: 1_000_000,
    cohort: [],
    elements,
    roster: digestOf(Uint8Array.of(4)),
    round: 1,
    seed: 1,
    training: { batchSize: 2, learningRateMicros: 1, localEpochs: 1, temperatureMicros: 1 },
    trainWithinMs: 1,
    updatesMin: 2,
    voters: [],
  };
}
