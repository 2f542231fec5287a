// What this site measures of a proposed pattern, on queries of its own that nothing was learned from.

import {
  evaluatePattern,
  type HeldOutQueries,
  type PatternEvaluation,
  quantised,
  type SearchPattern,
} from '@starling/learning';
import type { ChainRules, Digest } from '@starling/shared';
import type { Collection } from '../collection.ts';
import type { Generation } from '../index-generations.ts';
import { joinRows } from './asked-queries.ts';
import type { BaseSpace } from './base-space.ts';
import type { ExactCounterpart } from './exact-counterpart.ts';
import type { LearnerParts } from './pattern-learner.ts';
import { encodedInTurns, type Turns } from './searched-site.ts';

interface MappedQueries {
  readonly documents: Digest;
  readonly scale: number;
  readonly points: readonly Int8Array[];
}

export class PatternEvaluator {
  readonly #collection: Collection;
  readonly #base: BaseSpace;
  readonly #exact: ExactCounterpart;
  readonly #turns: Turns;
  #mapped: MappedQueries | undefined;

  constructor(parts: Omit<LearnerParts, 'asked'>, turns: Turns) {
    this.#collection = parts.collection;
    this.#base = parts.base;
    this.#exact = parts.exact;
    this.#turns = turns;
  }

  /** Measures against this generation; held out are the queries of validation and test. */
  async evaluate(
    pattern: SearchPattern,
    generation: Generation,
    rules: ChainRules,
  ): Promise<PatternEvaluation> {
    const site = await this.#exact.of(generation, true);
    const heldOut = await this.#heldOut(generation, rules.centroidScale);
    return evaluatePattern(pattern, heldOut, site, {
      queriesMin: rules.attestQueriesMin,
      recallSlackMicros: rules.recallSlackMicros,
      costRatioMaxMicros: rules.costRatioMicros,
    });
  }

  async #heldOut({ parameters }: Generation, scale: number): Promise<HeldOutQueries> {
    const { shape } = this.#base;
    const documents = this.#collection.digest;
    const features = joinRows(
      [this.#collection.split('validation').queries, this.#collection.split('test').queries],
      shape.buckets,
    );
    const encoded = await encodedInTurns(shape, parameters, features, this.#turns);
    if (this.#mapped?.documents !== documents || this.#mapped.scale !== scale) {
      const base = await encodedInTurns(shape, this.#base.parameters, features, this.#turns);
      const { dimension } = shape;
      const points = Array.from({ length: features.rows }, (_, row) =>
        quantised(base.subarray(row * dimension, (row + 1) * dimension), scale),
      );
      this.#mapped = { documents, scale, points };
    }
    return { points: this.#mapped.points, encoded };
  }
}
