// Do patterns pay? On queries that nothing was learned from, the distances that a search guided by
// patterns evaluates beside those of the best single width at the same recall. Counts, no times,
// but for the look-up itself.

import { SeededRandom } from '@starling/index';
import {
  learnPatterns,
  PatternBook,
  quantised,
  type SearchPattern,
  tuneEfSearch,
} from '@starling/learning';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { summarise } from './measure.ts';
import { corpusPairs, corpusWorld } from './patterns/corpus-world.ts';
import { atEqualRecall, type EqualRecall, SCALE } from './patterns/equal-recall.ts';
import { type QueryWorld, topicWorld } from './patterns/query-world.ts';

const K = 10;
const SEEDS = 3;
const TARGETS = [0.95, 0.98];
/** A width every few per cent, so that a cluster's best width is not rounded up by half. */
const LADDER = [10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256];
const TUNING_QUERIES = 400;
const CASES = ['topics', 'corpus', 'lookup'] as const;

export const benchmark: Benchmark = {
  name: 'patterns',
  summary: 'search widths by pattern beside the best single width, at equal recall',
  baseline: 'single width',
  cases: CASES,
  async *run(context) {
    const isAsked = (name: (typeof CASES)[number]) =>
      context.cases.length === 0 || context.cases.includes(name);
    const small = context.isQuick;
    if (isAsked('topics')) {
      const sizes = { rows: small ? 6_000 : 20_000, queries: small ? 2_000 : 5_000 };
      yield* compared('12 topics', context, async (seed) => topicWorld(seed, sizes));
    }
    if (isAsked('corpus')) {
      const pairs = (await corpusPairs()).filter((_, i) => i % (small ? 3 : 2) === 0);
      const epochs = small ? 2 : 4;
      const name = `${pairs.length} declarations, ${epochs} epochs`;
      yield* compared(name, context, (seed) => corpusWorld(pairs, seed, epochs));
    }
    if (isAsked('lookup')) yield await lookup(context);
  },
};

interface Outcome {
  readonly recallTarget: number;
  /** Every pattern, and only those narrower than the single width: what sites would adopt. */
  readonly every: EqualRecall;
  readonly narrower: EqualRecall;
  readonly patterns: number;
}

async function* compared(
  name: string,
  context: BenchmarkContext,
  build: (seed: number) => Promise<QueryWorld>,
): AsyncGenerator<Row> {
  const outcomes: Outcome[] = [];
  for (let seed = context.seed; seed < context.seed + SEEDS; seed++) {
    context.progress(`${name}, seed ${seed}`);
    const world = await build(seed);
    for (const recallTarget of TARGETS) {
      context.signal.throwIfAborted();
      outcomes.push(await learnedIn(world, recallTarget, seed, context));
    }
  }
  for (const recallTarget of TARGETS) {
    const same = outcomes.filter((outcome) => outcome.recallTarget === recallTarget);
    const patterns = same.map((outcome) => outcome.patterns);
    const table = `${name}, target ${recallTarget}`;
    yield* rowsOf(
      table,
      'every pattern',
      same.map(({ every }) => every),
      patterns,
    );
    yield* rowsOf(
      table,
      'only narrower ones',
      same.map(({ narrower }) => narrower),
      patterns,
    );
  }
}

async function learnedIn(
  world: QueryWorld,
  recallTarget: number,
  seed: number,
  { progress, signal }: BenchmarkContext,
): Promise<Outcome> {
  const { asked, index, oracle } = world;
  const options = { k: K, recallTarget, efLadder: LADDER, signal };
  const { chosen } = await tuneEfSearch(index, oracle, tuningSample(world), options);
  const patterns = await learnPatterns(index, oracle, asked, { ...options, scale: SCALE, seed });
  const measure = (some: readonly SearchPattern[]) =>
    atEqualRecall(world, some, { fallbackEf: chosen.efSearch, k: K });
  const widths = patterns.map(({ efSearch }) => efSearch).join(' ');
  progress(`target ${recallTarget}: single ${chosen.efSearch}, patterns ${widths}`);
  const narrower = patterns.filter(({ efSearch }) => efSearch < chosen.efSearch);
  return {
    recallTarget,
    every: await measure(patterns),
    narrower: await measure(narrower),
    patterns: patterns.length,
  };
}

/** Queries spread over all that were asked, one after the other. */
function tuningSample({ asked, index }: QueryWorld): Float32Array {
  const { dimension } = index;
  const sample = new Float32Array(TUNING_QUERIES * dimension);
  for (let i = 0; i < TUNING_QUERIES; i++) {
    const row = Math.floor((i * asked.count) / TUNING_QUERIES);
    const query = asked.encoded.subarray(row * dimension, (row + 1) * dimension);
    sample.set(query, i * dimension);
  }
  return sample;
}

function* rowsOf(
  table: string,
  what: string,
  measured: readonly EqualRecall[],
  learned: readonly number[],
): Generator<Row> {
  const of = (figure: (one: EqualRecall) => number) => summarise(measured.map(figure));
  const recall = of((one) => one.recall);
  yield {
    table,
    contender: 'single width',
    case: what,
    figures: { distances: of((one) => one.singleDistances), recall },
  };
  yield {
    table,
    contender: 'patterns',
    case: what,
    figures: {
      distances: of((one) => one.patternDistances),
      recall,
      ratio: of((one) => one.patternDistances / one.singleDistances),
      servedShare: of((one) => one.servedShare),
      patterns: summarise(learned),
    },
  };
}

/** A look-up among as many patterns as a federation may come to have. */
async function lookup(context: BenchmarkContext): Promise<Row> {
  const dimension = 128;
  const count = 1_000;
  const random = new SeededRandom(context.seed);
  const point = () =>
    quantised(
      Float32Array.from({ length: dimension }, () => random.nextOpenUnit() / 5 - 0.1),
      SCALE,
    );
  const book = new PatternBook(dimension);
  const facts = { k: K, efSearch: 20, radius: 2 * SCALE ** 2, expectedRecallMicros: 0 };
  book.replace(
    Array.from({ length: count }, (_, i) => ({
      id: String(i),
      pattern: { ...facts, centroid: point(), cost: 0, queries: 50 },
    })),
  );
  const queries = Array.from({ length: 1_000 }, point);
  const seconds = await context.measure(context.isQuick ? 3 : 9, () => {
    for (const query of queries) book.find(query, K);
  });
  const micros = (1e6 * seconds.median) / queries.length;
  const figures = { microsPerLookup: micros };
  return { table: 'look-up', contender: 'book', case: `${count} patterns × ${dimension}`, figures };
}
