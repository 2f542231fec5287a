// Milliseconds per step of the engine beside the arithmetic floor: the products and convolutions of a
// step over the speed of a large matrix product on the same engine in the same run. CPU time, and the
// fastest of several short fits, because a shared machine only ever adds to it.

import { SeededRandom } from '@starling/index';
import {
  compile,
  conv2d,
  dense,
  type Engine,
  flatten,
  initialWeights,
  type LossName,
  type Model,
  maxPool,
  normalize,
  relu,
  type Samples,
  sequential,
  sgd,
  Trainer,
} from '@starling/training';
import type { BenchmarkContext, Row } from '../benchmark.ts';

export interface EngineCase {
  readonly name: string;
  readonly model: Model;
  readonly loss: LossName;
  readonly batch: number;
  readonly steps: number;
  /** Floating-point operations of the products and convolutions of one step. */
  readonly flops: number;
}

const WIDTHS = [784, 200, 200, 10];
const TABLE = 'training engine: CPU milliseconds per step, the fastest fit';
/** Layers and width of the product that measures the machine. */
const PEAK = { layers: 8, width: 1024 };

export async function* measureEngine(context: BenchmarkContext): AsyncIterable<Row> {
  const engines: readonly Engine[] = ['native', 'wasm'];
  for (const engine of engines) {
    context.progress(`${engine}: large products`);
    const peak = await peakFlopsPerMs(engine, context);
    for (const one of engineCases()) {
      context.progress(`${engine}: ${one.name}`);
      const floorMs = one.flops / peak;
      const msPerStep = await fastestStepMs(engine, one, context);
      const figures = {
        msPerStep,
        floorMs,
        timesFloor: msPerStep / floorMs,
        peakGflops: peak / 1e6,
      };
      yield { table: TABLE, contender: engine, case: one.name, figures };
    }
  }
}

export function engineCases(): EngineCase[] {
  const perceptron = sequential([dense(200), relu(), dense(200), relu(), dense(10)], {
    input: [784],
  });
  const image = [1, 28, 28];
  const convolved = (filters: number) => [
    conv2d(filters, { kernel: 5, padding: 'same' }),
    relu(),
    maxPool(2),
  ];
  const network = sequential(
    [...convolved(32), ...convolved(64), flatten(), dense(512), relu(), dense(10)],
    { input: image },
  );
  const encoder = sequential([dense(128), normalize()], { input: [384] });
  const labels = 'softmaxCrossEntropy' as const;
  const twoNn = (batch: number) => ({
    name: `2NN b${batch}`,
    model: perceptron,
    loss: labels,
    batch,
    steps: batch === 10 ? 300 : 100,
    flops: batch * perceptronFlops(),
  });
  return [
    twoNn(10),
    twoNn(50),
    {
      name: 'InfoNCE 384→128 b256',
      model: encoder,
      loss: 'infoNce',
      batch: 256,
      steps: 40,
      flops: infoNceFlops(),
    },
    ...[10, 50].map((batch) => ({
      name: `CNN b${batch}`,
      model: network,
      loss: labels,
      batch,
      steps: 1000 / batch,
      flops: batch * networkFlops(),
    })),
  ];
}

/** Forward, weights' gradient, and, but for the first layer, inputs' gradient: 2 each per product. */
function perceptronFlops(): number {
  return WIDTHS.slice(1).reduce((sum, width, i) => {
    const product = 2 * (WIDTHS[i] ?? 0) * width;
    return sum + product * (i === 0 ? 2 : 3);
  }, 0);
}

function infoNceFlops(): number {
  const [batch, from, to] = [256, 384, 128];
  const towers = 2 * (2 * batch * from * to) * 2;
  return towers + 3 * (2 * batch * batch * to);
}

function networkFlops(): number {
  const first = 2 * 28 * 28 * 25 * 32;
  const second = 2 * 14 * 14 * 25 * 32 * 64;
  const wide = 2 * 3136 * 512;
  return 2 * first + 3 * (second + wide + 2 * 512 * 10);
}

/** `chunkMs` as the trainer takes it: a tiny one runs step by step. */
export async function fastestStepMs(
  engine: Engine,
  { model, loss, batch, steps }: EngineCase,
  context: BenchmarkContext,
  chunkMs?: number,
): Promise<number> {
  const program = compile(model, { loss, batch, optimizer: sgd() });
  const options = { engine, isolate: 'none', ...(chunkMs !== undefined && { chunkMs }) } as const;
  await using trainer = await Trainer.create(program, options);
  const task = {
    ...seededSamples(model, loss, batch * 5, context.seed),
    weights: initialWeights(model, context.seed),
    epochs: Math.ceil(steps / 5),
    learningRate: 0.01,
    signal: context.signal,
  };
  const count = task.epochs * 5;
  return (await fastestMs(context, () => trainer.fit(task))) / count;
}

export async function peakFlopsPerMs(engine: Engine, context: BenchmarkContext): Promise<number> {
  const { layers, width } = PEAK;
  const model = sequential(Array(layers).fill(dense(width)), { input: [width] });
  const program = compile(model, { loss: 'meanSquaredError', batch: 1, optimizer: sgd() });
  await using trainer = await Trainer.create(program, { engine, isolate: 'none' });
  const weights = initialWeights(model, 1);
  const x = seededReals(width * width, 1);
  const ms = await fastestMs(context, () =>
    trainer.predict({ weights, x, signal: context.signal }),
  );
  return (2 * layers * width ** 3) / ms;
}

async function fastestMs(
  context: BenchmarkContext,
  action: () => Promise<unknown>,
): Promise<number> {
  const repeats = context.isQuick ? 3 : 5;
  let fastest = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const started = process.cpuUsage();
    await action();
    const { user, system } = process.cpuUsage(started);
    fastest = Math.min(fastest, (user + system) / 1000);
  }
  return fastest;
}

function seededSamples(model: Model, loss: LossName, count: number, seed: number): Samples {
  const x = seededReals(count * model.input.reduce((size, dim) => size * dim, 1), seed);
  if (loss !== 'infoNce') return { x, y: Uint8Array.from({ length: count }, (_, i) => i % 10) };
  const noise = seededReals(x.length, seed + 1);
  return { x, y: x.map((value, i) => value + (noise[i] ?? 0)) };
}

function seededReals(count: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: count }, () => random.nextOpenUnit() - 0.5);
}
