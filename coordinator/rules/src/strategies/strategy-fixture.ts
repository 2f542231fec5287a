// Rounds and replies for the tests of strategies.

import { drawBelow, Mt19937 } from '@starling/consensus';
import { type MetricRecord, recordDict } from '@starling/shared';
import type { Aggregate, ClientReply, RoundContext, Strategy } from './strategy.ts';

/** A round over `model` in which every node of `nodes` is available. */
export function roundOf(
  model: readonly number[] | Float32Array,
  nodes: readonly string[] = ['a', 'b'],
  round = 1,
): RoundContext {
  return {
    round,
    arrays: { model: Float32Array.from(model) },
    clients: nodes.map((node) => ({ node, examples: undefined })),
    config: { 'local-epochs': 1 },
    seed: 7,
  };
}

export function replyOf(
  node: string,
  model: readonly number[] | Float32Array,
  metrics: MetricRecord = {},
): ClientReply {
  const content = recordDict({
    arrays: { model: Float32Array.from(model) },
    metrics: { 'num-examples': 1, ...metrics },
  });
  return { node, content };
}

/** Replies of nodes n00, n01 … */
export function repliesOf(
  models: readonly (readonly number[] | Float32Array)[],
  examples: readonly number[] = [],
): ClientReply[] {
  return models.map((model, i) => {
    const metrics = { 'num-examples': examples[i] ?? 1 };
    return replyOf(`n${String(i).padStart(2, '0')}`, model, metrics);
  });
}

/** What a strategy makes of a base and trained models. */
export async function nextModel(
  strategy: Strategy,
  base: readonly number[] | Float32Array,
  models: readonly (readonly number[] | Float32Array)[],
  examples: readonly number[] = [],
): Promise<number[]> {
  const replies = repliesOf(models, examples);
  const { arrays } = await strategy.aggregateTrain(roundOf(base), replies);
  return [...(arrays['model'] ?? [])];
}

export function modelIn(aggregate: Aggregate): number[] {
  return [...(aggregate.arrays['model'] ?? [])];
}

export interface DrawnModels {
  readonly base: Float32Array;
  readonly models: readonly Float32Array[];
  readonly examples: readonly number[];
}

/** Models of 1 to 6 elements within ±1000, some alike, with their example counts. */
export function drawnModels(
  seed: number,
  clients: readonly [number, number] = [1, 9],
): DrawnModels {
  const random = new Mt19937(seed);
  const between = (low: number, high: number) => low + drawBelow(random, high - low + 1);
  const elements = between(1, 6);
  const model = () => Float32Array.from({ length: elements }, () => between(-8000, 8000) / 8);
  const models = Array.from({ length: between(...clients) }, model);
  const repeated = models.map((each) => (between(0, 9) === 0 ? (models[0] ?? each) : each));
  return { base: model(), models: repeated, examples: models.map(() => between(1, 1000)) };
}

/** True when all numbers agree to `tolerance` relative to `scale`. */
export function isNear(
  a: readonly number[],
  b: readonly number[],
  scale = 1000,
  tolerance = 1e-5,
): boolean {
  return (
    a.length === b.length &&
    a.every((number, i) => Math.abs(number - (b[i] as number)) <= tolerance * scale)
  );
}
