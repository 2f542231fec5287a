// Which strategies run where only sums are seen, and how the sums of a masked round reach them.

import type { DecodedSum } from '@starling/crypto';
import { recordDict } from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { worksOnGroupMeans } from './group-means.ts';
import type { ClientReply, Strategy } from './strategy.ts';

/** @throws {RulesError} `needs-updates` when the strategy must see single nodes; says what helps */
export function assertRunsOnSums(strategy: Strategy): void {
  if (strategy.input === 'sum') return;
  const why =
    strategy.input === 'arrivals'
      ? 'it weights each update by its staleness as it arrives'
      : 'it judges or scales the update of each node';
  const advice = worksOnGroupMeans(strategy)
    ? 'run it over the means of groups (GroupMeans, group-size), use FedAvg, or aggregate plainly'
    : 'use a strategy that needs sums only, such as FedAvg, or aggregate plainly';
  const message = `${strategy.name} cannot run under secure aggregation: ${why}; ${advice}`;
  throw new RulesError('needs-updates', message);
}

/** The opened sum of a masked group as the reply of all its nodes; `base` is what they started from. */
export function replyOfGroup(
  group: string,
  nodes: number,
  base: Float32Array,
  { mean, weight, lossLast }: DecodedSum,
): ClientReply {
  const model = base.map((value, i) => value + (mean[i] as number));
  const metrics = { 'num-examples': weight, 'train-loss': lossLast };
  return { node: group, nodes, content: recordDict({ arrays: { model }, metrics }) };
}
