// Candidates for patterns, from what was asked at this site.

import {
  EF_LADDER_DEFAULT,
  learnPatterns,
  PATTERN_LIMITS,
  type SearchPattern,
  squaredDistance,
} from '@starling/learning';
import { type ChainRules, type Digest, type Pattern, SUPERSEDES_MAX } from '@starling/shared';
import { type SparseRows, selectRows } from '@starling/training';
import type { Collection } from '../collection.ts';
import type { Generation } from '../index-generations.ts';
import { type AskedQueries, joinRows, queryKey } from './asked-queries.ts';
import type { BaseSpace } from './base-space.ts';
import type { ExactCounterpart } from './exact-counterpart.ts';
import { encodedInTurns, type Turns } from './searched-site.ts';
import { type FinalPattern, fromWire, toWire } from './wire-pattern.ts';

/** Candidates of one learning, those of most queries first. */
export const CANDIDATES_MAX = 16;
/** Hits per query that patterns are measured with, as generations are. */
const K = 10;

export interface PatternCandidate {
  readonly pattern: Pattern;
  /** Final patterns whose place it would take, ascending. */
  readonly supersedes: readonly Digest[];
}

export interface LearningOutcome {
  /** Queries that were learned from. */
  readonly queries: number;
  /** Clusters that gave a pattern. */
  readonly learned: number;
  /** Those that would make this site's searches cheaper and are new to the chain. */
  readonly candidates: readonly PatternCandidate[];
}

export interface LearningTask {
  readonly collection: string;
  readonly rules: ChainRules;
  readonly generation: Generation;
  readonly recallTarget: number;
  readonly seed: number;
  /** Whether training queries count as asked. */
  readonly rehearse: boolean;
  readonly final: readonly FinalPattern[];
}

export interface LearnerParts {
  readonly collection: Collection;
  readonly asked: AskedQueries;
  readonly base: BaseSpace;
  readonly exact: ExactCounterpart;
}

export class PatternLearner {
  readonly #collection: Collection;
  readonly #asked: AskedQueries;
  readonly #base: BaseSpace;
  readonly #exact: ExactCounterpart;
  readonly #turns: Turns;

  constructor(parts: LearnerParts, turns: Turns) {
    this.#collection = parts.collection;
    this.#asked = parts.asked;
    this.#base = parts.base;
    this.#exact = parts.exact;
    this.#turns = turns;
  }

  /** A pattern is worth proposing when it is narrower than what this site uses now. */
  async learn(task: LearningTask): Promise<LearningOutcome> {
    const { generation, recallTarget, rules, seed } = task;
    const queries = this.#queries(task.rehearse);
    if (queries.rows < PATTERN_LIMITS.queriesMin || generation.index.size === 0) {
      return { queries: queries.rows, learned: 0, candidates: [] };
    }
    const { shape } = this.#base;
    const site = await this.#exact.of(generation, true);
    const encode = (parameters: Float32Array) =>
      encodedInTurns(shape, parameters, queries, this.#turns);
    const learned = await learnPatterns(
      site.index,
      site.oracle,
      {
        base: await encode(this.#base.parameters),
        encoded: await encode(generation.parameters),
        count: queries.rows,
      },
      {
        k: Math.min(K, site.index.size),
        recallTarget,
        scale: rules.centroidScale,
        seed,
        efLadder: ladderUpTo(generation.efSearch),
        pause: () => this.#turns.clock.sleep(0, this.#turns.signal),
        signal: this.#turns.signal,
      },
    );
    const narrower = learned.filter(({ efSearch }) => efSearch < generation.efSearch);
    const candidates = candidatesOf(narrower, task);
    return { queries: queries.rows, learned: learned.length, candidates };
  }

  /** Those that other sites' patterns are judged by stay out, also when somebody asked them. */
  #queries(rehearse: boolean): SparseRows {
    const heldOut = new Set<string>();
    for (const split of ['validation', 'test'] as const) {
      const { queries } = this.#collection.split(split);
      for (let row = 0; row < queries.rows; row++) heldOut.add(queryKey(queries, row));
    }
    const parts = [
      ...(rehearse ? [this.#collection.split('train').queries] : []),
      ...this.#asked.rows(),
    ];
    const all = joinRows(parts, this.#base.shape.buckets);
    const rows = Array.from({ length: all.rows }, (_, row) => row);
    return selectRows(
      all,
      rows.filter((row) => !heldOut.has(queryKey(all, row))),
    );
  }
}

function ladderUpTo(efSearch: number): number[] {
  return [...EF_LADDER_DEFAULT.filter((rung) => rung < efSearch), efSearch];
}

/** Leaves out what the chain would refuse: near a pattern that is as good, or to each other. */
function candidatesOf(
  patterns: readonly SearchPattern[],
  { collection, final, rules }: LearningTask,
): PatternCandidate[] {
  const taken: SearchPattern[] = [];
  const candidates: PatternCandidate[] = [];
  const isNear = (a: SearchPattern, b: SearchPattern) =>
    squaredDistance(a.centroid, b.centroid) <= rules.conflictRadius;
  for (const pattern of patterns) {
    const standing = final.filter((one) => isNear(pattern, fromWire(one.pattern)));
    const isBetter = standing.every(
      ({ boundMicros }) => pattern.expectedRecallMicros >= boundMicros + rules.marginMicros,
    );
    if (!isBetter || standing.length > SUPERSEDES_MAX) continue;
    if (taken.some((other) => isNear(pattern, other))) continue;
    taken.push(pattern);
    const supersedes = standing.map(({ id }) => id).sort();
    candidates.push({ pattern: toWire(pattern, collection), supersedes });
    if (candidates.length === CANDIDATES_MAX) break;
  }
  return candidates;
}
