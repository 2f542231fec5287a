// What a search costs, predicted in distance computations from the size, k, selectivity and recall.
// Logarithms of widths are quadratic in the logarithms of the question.

import { INDEX_LIMITS } from '../index-limits.ts';
import { listsFor, TRAINING_ROWS_MIN } from '../ivf/ivf-options.ts';
import { type WalkModel, walkDistances } from './walk-distances.ts';

export const SEARCH_KINDS = ['flat', 'hnsw', 'ivf'] as const;

export type SearchKind = (typeof SEARCH_KINDS)[number];

/** What is asked, as far as the cost depends on it. */
export interface CostQuestion {
  /** N: live rows. */
  readonly rows: number;
  readonly k: number;
  /** Share of the rows that the filter accepts, in `(0, 1]`. */
  readonly selectivity: number;
  /** Recall at k that is wanted, below 1 unless only an exact search will do. */
  readonly recall: number;
}

/** One cell of a measured grid; infinite where no width reached the recall. */
export interface MeasuredCost extends CostQuestion {
  /** Distances of a scan of the accepted rows. */
  readonly flat: number;
  readonly hnsw: number;
  readonly efSearch: number;
  readonly ivf: number;
  readonly probes: number;
}

/** Coefficients of a walk and, for widths, over the terms of `questionTerms`. */
export interface CostModel extends WalkModel {
  readonly efSearch: readonly number[];
  readonly probes: readonly number[];
  /** By how much a predicted beam is to be widened so that nine of ten cells reach their recall. */
  readonly efSearchMargin: number;
  /** The same of probes. */
  readonly probesMargin: number;
}

export interface KindCost {
  /**
   * Beam of `hnsw`, in accepted rows; lists of `ivf`, nothing for `flat`; as likely too small as too
   * large.
   */
  readonly width: number | undefined;
  readonly distances: number;
}

/** Predicts what each kind of index has to spend. */
export function predictCosts(
  question: CostQuestion,
  model: CostModel,
): Readonly<Record<SearchKind, KindCost>> {
  const accepted = Math.max(1, question.rows * question.selectivity);
  return {
    flat: { width: undefined, distances: accepted },
    hnsw: question.recall < 1 ? predictHnsw(question, model) : exactHnsw(question),
    ivf: predictIvf(question, model),
  };
}

/** Lists that have to be looked into; not rounded, and it may be more than there are. */
export function wantedProbes(question: CostQuestion, model: CostModel): number {
  const known = { ...question, rows: Math.min(question.rows, model.rowsMax) };
  return Math.exp(weighted(model.probes, questionTerms(known)));
}

/** The terms that widths depend on. `k / selectivity` rows hold k accepted ones. */
export function questionTerms({ k, recall, rows, selectivity }: CostQuestion): number[] {
  const size = Math.log(Math.max(1, rows));
  const depth = Math.log(Math.max(1, Math.min(rows, k / selectivity)));
  const misses = -Math.log(1 - recall);
  const share = Math.log(k);
  const squares = [size * size, depth * depth, size * depth];
  return [1, size, depth, misses, share, ...squares, misses * size, misses * depth, share * depth];
}

/** How far a vector of coefficients and one of terms go together. */
export function weighted(coefficients: readonly number[], terms: readonly number[]): number {
  return terms.reduce((sum, term, i) => sum + term * (coefficients[i] ?? 0), 0);
}

// A beam with room for every accepted row sees every row.
function exactHnsw({ k, rows, selectivity }: CostQuestion): KindCost {
  const { efMax } = INDEX_LIMITS;
  const wanted = Math.min(Math.max(1, rows), Math.max(k, Math.ceil(rows * selectivity)));
  return {
    width: Math.min(efMax, wanted),
    distances: wanted <= efMax ? rows : Number.POSITIVE_INFINITY,
  };
}

function predictHnsw(question: CostQuestion, model: CostModel): KindCost {
  const { k, rows, selectivity } = question;
  const accepted = Math.max(1, rows * selectivity);
  const known = { ...question, rows: Math.min(rows, model.rowsMax) };
  const wanted = Math.exp(weighted(model.efSearch, questionTerms(known)));
  const widthMax = Math.min(Math.max(1, rows), INDEX_LIMITS.efMax);
  const width = Math.ceil(Math.min(widthMax, Math.max(k, Math.min(accepted, wanted))));
  const walked = Math.min(rows, (width * rows) / accepted);
  return { width, distances: walkDistances(walked, rows, model) };
}

function predictIvf(question: CostQuestion, model: CostModel): KindCost {
  const { k, recall, rows, selectivity } = question;
  const accepted = Math.max(1, rows * selectivity);
  if (rows < TRAINING_ROWS_MIN) return { width: 1, distances: accepted };
  const lists = listsFor(rows);
  const wanted = wantedProbes(question, model);
  const atLeast = recall < 1 ? Math.max(1, (k * lists) / accepted, wanted) : lists;
  const width = Math.ceil(Math.min(lists, atLeast));
  return { width, distances: lists + (width / lists) * accepted };
}
