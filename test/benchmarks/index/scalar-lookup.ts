// Ranks in a sorted column of numbers: the learned index beside binary search, a sampled index (every
// 64th key, the leaf size of a B+ tree) and the Eytzinger order, interleaved on the same lookups.

import { LearnedIndex, lowerBound, ScalarLookup, SeededRandom } from '@starling/index';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { summarise } from '../measure.ts';

/** One way to rank keys. */
interface Contender {
  readonly name: string;
  /** Bytes beyond the sorted keys, which all of them need. */
  readonly bytes: number;
  readonly rank: (key: number) => number;
}

/**
 * Nanoseconds per lookup and bytes beyond the sorted keys, for each distribution and seed. Half of the
 * lookups are stored keys and half are drawn anew.
 *
 * @throws Error when two contenders disagree about a rank
 */
export async function* measureScalarLookup(context: BenchmarkContext): AsyncGenerator<Row> {
  const rows = context.isQuick ? 100_000 : 1_000_000;
  const lookups = context.isQuick ? 50_000 : 200_000;
  const seeds = context.isQuick ? [context.seed] : [0, 1, 2].map((add) => context.seed + add);
  for (const seed of seeds) {
    for (const [name, draw] of Object.entries(distributions(seed))) {
      const label = `${name}, ${rows} keys, seed ${seed}`;
      context.progress(`scalar lookup: ${label}`);
      const keys = Float64Array.from({ length: rows }, draw).sort();
      const random = new SeededRandom(seed + 1_000);
      const probes = Float64Array.from({ length: lookups }, (_, at) =>
        at % 2 === 0 ? (keys[Math.floor(random.nextOpenUnit() * rows)] as number) : draw(),
      );
      const startedMs = performance.now();
      const learned = new LearnedIndex(keys);
      const buildMs = performance.now() - startedMs;
      yield* measureContenders(label, contendersOver(keys, learned), probes, context);
      yield {
        contender: 'starling-learned',
        case: `${label}: build`,
        figures: { buildMs, columnUsesIt: Number(new ScalarLookup(keys).isLearned) },
      };
    }
  }
}

async function* measureContenders(
  label: string,
  contenders: readonly Contender[],
  probes: Float64Array,
  { isQuick, signal }: BenchmarkContext,
): AsyncGenerator<Row> {
  const samples = contenders.map((): number[] => []);
  const checksums = contenders.map(({ rank }) => sumOfRanks(rank, probes));
  if (new Set(checksums).size !== 1) throw new Error(`${label}: ranks differ, ${checksums}`);
  for (let repeat = 0; repeat < (isQuick ? 3 : 9); repeat++) {
    signal.throwIfAborted();
    for (const [at, { rank }] of contenders.entries()) {
      const startedMs = performance.now();
      sumOfRanks(rank, probes);
      samples[at]?.push(((performance.now() - startedMs) * 1e6) / probes.length);
    }
  }
  for (const [at, { bytes, name }] of contenders.entries()) {
    const nanosPerLookup = summarise(samples[at] ?? []);
    yield { contender: name, case: label, figures: { nanosPerLookup, extraBytes: bytes } };
  }
}

function sumOfRanks(rank: (key: number) => number, probes: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < probes.length; at++) sum += rank(probes[at] as number);
  return sum;
}

function distributions(seed: number): Record<string, () => number> {
  const random = new SeededRandom(seed);
  const unit = () => random.nextOpenUnit();
  const gaussian = () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
  return {
    uniform: () => unit() + unit() / 2 ** 32,
    'integers below 2^24': () => random.nextUint32() >>> 8,
    gaussian: () => gaussian(),
    lognormal: () => Math.exp(2 * gaussian()),
    'clusters of clusters': () =>
      Math.floor(unit() * 30) ** 3 * 1e9 + Math.floor(unit() * 30) ** 4 + unit(),
    '600 orders of magnitude': () => 10 ** (600 * unit() - 300),
  };
}

function contendersOver(keys: Float64Array, learned: LearnedIndex): Contender[] {
  const samples = keys.filter((_, at) => at % SAMPLE_STEP === 0);
  const eytzinger = eytzingerOf(keys);
  return [
    { name: 'binary search', bytes: 0, rank: (key) => lowerBound(keys, key) },
    {
      name: 'sampled index',
      bytes: samples.byteLength,
      rank: (key) => inSamples(samples, keys, key),
    },
    {
      name: 'eytzinger',
      bytes: eytzinger.keys.byteLength + eytzinger.ranks.byteLength,
      rank: (key) => inEytzinger(eytzinger, key),
    },
    { name: 'starling-learned', bytes: learned.modelBytes, rank: (key) => learned.lowerBound(key) },
  ];
}

const SAMPLE_STEP = 64;

function inSamples(samples: Float64Array, keys: Float64Array, key: number): number {
  const block = lowerBound(samples, key) * SAMPLE_STEP;
  return lowerBound(keys, key, Math.max(0, block - SAMPLE_STEP), Math.min(block, keys.length));
}

/** The keys in the order of a breadth-first walk of the search tree, and the rank of each. */
interface Eytzinger {
  readonly keys: Float64Array;
  readonly ranks: Int32Array;
}

function eytzingerOf(sorted: Float64Array): Eytzinger {
  const keys = new Float64Array(sorted.length + 1);
  const ranks = new Int32Array(sorted.length + 1);
  let rank = 0;
  const place = (node: number): void => {
    if (node > sorted.length) return;
    place(2 * node);
    keys[node] = sorted[rank] as number;
    ranks[node] = rank++;
    place(2 * node + 1);
  };
  place(1);
  ranks[0] = sorted.length;
  return { keys, ranks };
}

function inEytzinger({ keys, ranks }: Eytzinger, key: number): number {
  let node = 1;
  while (node < keys.length) node = 2 * node + Number((keys[node] as number) < key);
  const turns = 32 - Math.clz32(~node & (node + 1));
  return ranks[node >>> turns] as number;
}
