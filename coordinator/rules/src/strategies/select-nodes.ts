// Who takes part in a round: a seeded draw without replacement, as Flower sizes it.

import { Mt19937, UniformSampler } from '@starling/consensus';
import { RulesError } from '../rules-error.ts';
import { atLeast, fraction, type OptionRules, text, wholeFrom } from './options.ts';
import type { RoundContext } from './strategy.ts';

/** Flower's names and defaults. */
export interface SamplingOptions {
  /** Share of the available nodes that trains in a round; 0 is no training. */
  readonly fractionTrain: number;
  /** Share of the available nodes that evaluates in a round; 0 is no evaluation. */
  readonly fractionEvaluate: number;
  readonly minTrainNodes: number;
  readonly minEvaluateNodes: number;
  readonly minAvailableNodes: number;
  /** The metric that weights replies; empty: every reply weighs the same. */
  readonly weightedByKey: string;
  /** Sent to the nodes as `learning-rate`; 0 leaves it to the run's config. */
  readonly learningRate: number;
}

export const SAMPLING: SamplingOptions = Object.freeze({
  fractionTrain: 1,
  fractionEvaluate: 1,
  minTrainNodes: 2,
  minEvaluateNodes: 2,
  minAvailableNodes: 2,
  weightedByKey: 'num-examples',
  learningRate: 0,
});

export const SAMPLING_RULES: OptionRules<SamplingOptions> = {
  fractionTrain: fraction,
  fractionEvaluate: fraction,
  minTrainNodes: wholeFrom(1),
  minEvaluateNodes: wholeFrom(1),
  minAvailableNodes: wholeFrom(1),
  weightedByKey: text,
  learningRate: atLeast(0),
};

/** Streams of draws that share a round's seed. */
const STREAMS = { train: 1, evaluate: 2 } as const;

/**
 * The nodes that a round asks, ascending. The draw depends on seed, round, purpose and the set of
 * available nodes, not on their order.
 * @throws {RulesError} `too-few-nodes` when fewer are available than the options demand
 */
export function selectNodes(
  context: RoundContext,
  options: SamplingOptions,
  purpose: 'train' | 'evaluate',
): readonly string[] {
  const isTrain = purpose === 'train';
  const share = isTrain ? options.fractionTrain : options.fractionEvaluate;
  if (share === 0) return [];
  const minimum = isTrain ? options.minTrainNodes : options.minEvaluateNodes;
  const nodes = context.clients.map(({ node }) => node).sort(byCodeUnits);
  // 0.29 · 100 is 28.999… in floating point; a millionth of a node is no node.
  const size = Math.max(Math.floor(nodes.length * share + 1e-6), minimum);
  const needed = Math.max(size, options.minAvailableNodes);
  if (nodes.length < needed) {
    const message = `round ${context.round} needs ${needed} nodes, ${nodes.length} are available`;
    throw new RulesError('too-few-nodes', message);
  }
  if (size === nodes.length) return nodes;
  const sampler = new UniformSampler(
    new Mt19937([context.seed >>> 0, context.round >>> 0, STREAMS[purpose]]),
  );
  sampler.initialize(nodes.length);
  const drawn = sampler.sample(size) ?? [];
  return drawn.sort((a, b) => a - b).map((index) => nodes[index] as string);
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
