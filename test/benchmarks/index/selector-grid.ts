// What each kind of index pays for each question of a grid, in distance computations: size ×
// k × selectivity × recall. The constants of the selector are fitted to it, and its regret is judged
// by it.

import {
  type CostModel,
  DEFAULT_COST_MODEL,
  HnswIndex,
  INDEX_LIMITS,
  IvfIndex,
  type MeasuredCost,
  RowSet,
  recallAtK,
  SEARCH_KINDS,
  type SearchHit,
  type SearchKind,
  selectIndex,
} from '@starling/index';
import type { VectorSet } from './vector-set.ts';

export interface SelectorGrid {
  readonly sizes: readonly number[];
  readonly ks: readonly number[];
  readonly selectivities: readonly number[];
  readonly recalls: readonly number[];
  readonly queries: number;
  readonly seed: number;
}

export const SELECTOR_GRID: SelectorGrid = Object.freeze({
  sizes: [100, 300, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000],
  ks: [1, 10, 100],
  selectivities: [1, 0.1, 0.01, 0.001],
  recalls: [0.9, 0.95, 0.99],
  queries: 100,
  seed: 1,
});

/** One beam or number of probes, what it found and what it took, on average over the queries. */
interface CurvePoint {
  readonly width: number;
  readonly recall: number;
  readonly distances: number;
}

interface Question {
  readonly k: number;
  readonly selectivity: number;
  readonly accepted: ReadonlySet<string>;
  readonly exact: readonly (readonly SearchHit[])[];
}

/** From one width to the next. */
const STEP = 1.35;

/** Measures a grid under `euclidean`; a cell nobody reaches the recall of has infinite costs. */
export function* measureSelectorGrid(
  { base, dimension, queries: asked }: VectorSet,
  grid: SelectorGrid = SELECTOR_GRID,
): Generator<MeasuredCost> {
  for (const rows of grid.sizes) {
    const ids = Array.from({ length: rows }, (_, row) => `${row}`);
    const stored = base.subarray(0, rows * dimension);
    const settings = { dimension, metric: 'euclidean', vectorType: 'u8', seed: grid.seed } as const;
    const hnsw = new HnswIndex(settings);
    const ivf = new IvfIndex(settings);
    for (const index of [hnsw, ivf]) index.insertBatch(ids, stored);
    const queries = Array.from({ length: grid.queries }, (_, at) => {
      return asked.subarray(at * dimension, (at + 1) * dimension);
    });
    const questions = grid.selectivities.flatMap((selectivity) =>
      grid.ks.map((k) => ask(ivf, queries, k, selectivity, ids)),
    );
    const recallMax = Math.max(...grid.recalls);
    for (const question of questions) {
      const graph = measureGraph(hnsw, queries, question, recallMax);
      const lists = measureLists(ivf, queries, question, recallMax);
      for (const recall of grid.recalls) {
        yield cell(rows, question, recall, graph, lists);
      }
    }
  }
}

export interface Regret {
  readonly cells: number;
  /** Cells where the choice costs at most a tenth more than the best kind. */
  readonly withinATenth: number;
  /** By how much the choice costs more than the best kind: 0.1 is a tenth. */
  readonly meanRegret: number;
  readonly worstRegret: number;
  /** Cells where the choice is the dearest kind, and by more than a tenth. */
  readonly picksOfTheWorst: number;
}

/** Judges the selector, under its own model or another, by what the kinds really cost. */
export function regretOf(
  cells: readonly MeasuredCost[],
  model: CostModel = DEFAULT_COST_MODEL,
  kinds: readonly SearchKind[] = SEARCH_KINDS,
): Regret {
  let picksOfTheWorst = 0;
  const regrets = cells.map((cell) => {
    const question = { ...cell, dimension: 1, vectorType: 'f32' } as const;
    const { kind } = selectIndex(question, { kinds, model });
    const costs = SEARCH_KINDS.map((each) => cell[each]);
    const regret = cell[kind] / Math.min(...costs) - 1;
    if (regret > 0.1 && cell[kind] === Math.max(...costs)) picksOfTheWorst++;
    return regret;
  });
  return {
    cells: cells.length,
    withinATenth: regrets.filter((regret) => regret <= 0.1).length,
    meanRegret: mean(regrets),
    worstRegret: Math.max(...regrets),
    picksOfTheWorst,
  };
}

function cell(
  rows: number,
  question: Question,
  recall: number,
  graph: readonly CurvePoint[],
  lists: readonly CurvePoint[],
): MeasuredCost {
  const { k, selectivity } = question;
  const hnsw = cheapest(graph, recall);
  const ivf = cheapest(lists, recall);
  return {
    ...{ rows, k, selectivity, recall },
    flat: question.accepted.size,
    hnsw: hnsw.distances,
    efSearch: hnsw.width,
    ivf: ivf.distances,
    probes: ivf.width,
  };
}

/** A question whose filter takes a part of the rows that has nothing to do with where they lie. */
function ask(
  index: IvfIndex,
  queries: readonly Uint8Array[],
  k: number,
  selectivity: number,
  ids: readonly string[],
): Question {
  const wanted = Math.max(1, Math.round(ids.length * selectivity));
  // A multiplicative hash of the row number orders rows without regard to their neighbours.
  const order = ids.map((id) => Math.imul(Number(id) + 1, 0x9e3779b1) >>> 0);
  const bound = order.toSorted((a, b) => a - b)[wanted - 1] ?? 0;
  const accepted = new Set(ids.filter((_, row) => (order[row] ?? 0) <= bound));
  const accept = slotSetOf(index, accepted);
  const exact = queries.map((query) => index.scan(query, { k, accept }).hits);
  return { k, selectivity, accepted, exact };
}

function measureGraph(
  index: HnswIndex,
  queries: readonly Uint8Array[],
  { accepted, exact, k }: Question,
  recallMax: number,
): CurvePoint[] {
  const accept = slotSetOf(index, accepted);
  const curve: CurvePoint[] = [];
  for (const width of widths(k, Math.min(accepted.size, INDEX_LIMITS.efMax))) {
    const found = queries.map((query) => index.search(query, { k, efSearch: width, accept }));
    const recall = mean(found.map(({ hits }, query) => recallAtK(hits, exact[query] ?? [])));
    const distances = mean(found.map((result) => result.distanceComputations));
    curve.push({ width, recall, distances });
    if (recall >= recallMax) break;
  }
  return curve;
}

function measureLists(
  index: IvfIndex,
  queries: readonly Uint8Array[],
  { accepted, exact, k }: Question,
  recallMax: number,
): CurvePoint[] {
  const accept = slotSetOf(index, accepted);
  const curve: CurvePoint[] = [];
  for (const probes of widths(1, index.lists)) {
    const found = queries.map((query) => index.search(query, { k, probes, accept }));
    const recall = mean(found.map(({ hits }, query) => recallAtK(hits, exact[query] ?? [])));
    const distances = mean(found.map((result) => result.distanceComputations));
    curve.push({ width: probes, recall, distances });
    if (recall >= recallMax) break;
  }
  return curve;
}

/** Where a curve reaches a recall, between its points along straight lines in the logarithms. */
function cheapest(curve: readonly CurvePoint[], recall: number): CurvePoint {
  const at = curve.findIndex((point) => point.recall >= recall);
  const after = curve[at];
  if (after === undefined) {
    return { width: Number.POSITIVE_INFINITY, recall, distances: Number.POSITIVE_INFINITY };
  }
  const before = curve[at - 1];
  if (before === undefined) return after;
  const share = (recall - before.recall) / (after.recall - before.recall);
  const between = (a: number, b: number) =>
    Math.exp(Math.log(a) * (1 - share) + Math.log(b) * share);
  return {
    width: between(before.width, after.width),
    recall,
    distances: between(before.distances, after.distances),
  };
}

function slotSetOf(index: HnswIndex | IvfIndex, ids: ReadonlySet<string>): RowSet {
  return RowSet.fromSlots([...ids].map((id) => index.slotOf(id) ?? -1));
}

function widths(least: number, most: number): number[] {
  const all: number[] = [];
  for (let width = Math.min(least, most); width < most; width = Math.ceil(width * STEP))
    all.push(width);
  return [...all, most];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
