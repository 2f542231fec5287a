// The hashing encoder on its engines, on the demo's corpus pooled: pairs per second of CPU time, and
// what the trained encoder finds of the held-out queries, at equal epochs and seeds.

import { splitOf } from '@starling/peer';
import {
  createSparseTrainer,
  DEFAULT_ENCODER_SHAPE,
  DEFAULT_FIT_SETTINGS,
  ENGINE_NAMES,
  type EngineName,
  encode,
  evaluateRetrieval,
  type FitTask,
  hashTexts,
  initialParameters,
} from '@starling/training';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { type CorpusPair, corpusPairs } from '../patterns/corpus-world.ts';

const SHAPE = DEFAULT_ENCODER_SHAPE;
const SEEDS = [101, 102, 103];
const TABLE = 'encoder engines: pairs per second of CPU time, retrieval of held-out queries';

export async function* measureEncoderEngines(context: BenchmarkContext): AsyncIterable<Row> {
  const pairs = await corpusPairs();
  const epochs = context.isQuick ? 1 : 8;
  for (const seed of context.isQuick ? SEEDS.slice(0, 1) : SEEDS) {
    const task = taskOf(pairs, seed, epochs);
    const scoreOf = retrieval(pairs, seed);
    for (const engine of ENGINE_NAMES) {
      context.progress(`${engine}, seed ${seed}`);
      const { cpuSeconds, parameters } = await trained(engine, task, context.signal);
      const { mrr, recallAt10 } = scoreOf(parameters);
      const examples = task.pairs.queries.rows;
      const pairsPerSecond = (epochs * examples) / cpuSeconds;
      const figures = { pairsPerSecond, cpuSeconds, recallAt10, mrr };
      yield { table: TABLE, contender: engine, case: `seed ${seed}, ${epochs} epochs`, figures };
    }
  }
}

async function trained(
  engine: EngineName,
  task: FitTask,
  signal: AbortSignal,
): Promise<{ readonly cpuSeconds: number; readonly parameters: Float32Array }> {
  const trainer = createSparseTrainer(engine);
  const started = process.cpuUsage();
  const { parameters } = await trainer.fit(task, { signal });
  const { system, user } = process.cpuUsage(started);
  await trainer.stop();
  return { cpuSeconds: (user + system) / 1e6, parameters };
}

function taskOf(pairs: readonly CorpusPair[], seed: number, epochs: number): FitTask {
  const train = pairs.filter(({ answer }) => splitOf(answer, seed) === 'train');
  return {
    ...DEFAULT_FIT_SETTINGS,
    epochs,
    seed,
    shape: SHAPE,
    parameters: initialParameters(SHAPE, seed),
    pairs: { queries: hashed(train, 'query'), answers: hashed(train, 'answer') },
  };
}

function retrieval(pairs: readonly CorpusPair[], seed: number) {
  const targets = pairs.flatMap(({ answer }, row) =>
    splitOf(answer, seed) === 'test' ? [row] : [],
  );
  const queries = hashed(
    targets.flatMap((row) => pairs[row] ?? []),
    'query',
  );
  const answers = hashed(pairs, 'answer');
  return (parameters: Float32Array) =>
    evaluateRetrieval(
      encode(SHAPE, parameters, queries),
      encode(SHAPE, parameters, answers),
      targets,
      SHAPE.dimension,
    );
}

function hashed(pairs: readonly CorpusPair[], side: 'query' | 'answer') {
  const texts = pairs.map((pair) => pair[side]);
  return hashTexts(texts, SHAPE.buckets);
}
