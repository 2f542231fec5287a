// The rounds whose updates a site can train again, as a list for people and programs.

import type { KeptTraining } from '@starling/peer';
import type { Digest } from '@starling/shared';

/** A round whose update can be trained again. */
export interface TrainingSummary {
  readonly round: number;
  readonly baseVersion: number;
  readonly examples: number;
  readonly engine: string;
  readonly commitment: Digest;
}

export function listTrainings(kept: readonly KeptTraining[]): TrainingSummary[] {
  return kept.map(({ commitment, record }) => {
    const { baseVersion, engine, examples, round } = record;
    return { round, baseVersion, examples, engine: engine.name, commitment };
  });
}
