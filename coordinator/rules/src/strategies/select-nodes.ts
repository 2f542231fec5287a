// Who takes part in a round: a seeded draw without replacement, as Flower sizes it.

import { Mt19937, UniformSampler } from '@starling/consensus';
import { RulesError } from '../rules-error.ts';
import { fraction, type OptionRules, text, wholeFrom } from './options.ts';
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
}

export const SAMPLING: SamplingOptions = Object.freeze({
  fractionTrain: 1,
  fractionEvaluate: 1,
  minTrainNodes: 2,
  minEvaluateNodes: 2,
  minAvailableNodes: 2,
  weightedByKey: 'num-examples',
});

export const SAMPLING_RULES: OptionRules<SamplingOptions> = {
  fractionTrain: fraction,
  fractionEvaluate: fraction,
  minTrainNodes: wholeFrom(1),
  minEvaluateNodes: wholeFrom(1),
  minAvailableNodes: wholeFrom(1),
  weightedByKey: text,
};

/** Streams of draws that share a round's seed. */
const STREAMS = { train: 1, evaluate: 2, groups: 3 } as const;

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
  const drawn = seededOrder(size, nodes.length, context, purpose);
  return [...drawn].sort((a, b) => a - b).map((index) => nodes[index] as string);
}

/** `count` different places below `length`, in an order that round and seed decide. */
export function seededOrder(
  count: number,
  length: number,
  { seed, round }: RoundContext,
  stream: keyof typeof STREAMS,
): readonly number[] {
  const sampler = new UniformSampler(new Mt19937([seed >>> 0, round >>> 0, STREAMS[stream]]));
  sampler.initialize(length);
  return sampler.sample(count) ?? [];
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
