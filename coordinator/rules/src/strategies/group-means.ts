// Robust rules over the means of groups: Karimireddy, He, Jaggi, "Byzantine-Robust Learning on
// Heterogeneous Datasets via Bucketing", ICLR 2022, algorithm 1. Secure aggregation in each group
// gives the same means, so that a rule never sees one node's update.

import { type ArrayRecord, type MetricRecord, recordDict, type Scalar } from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { WeightedSum } from '../weighted-sum.ts';
import { modelOf } from './base-strategy.ts';
import { MetricMeans } from './metric-means.ts';
import { NormBoundedAvg } from './norm-bounded-avg.ts';
import { completeOptions, type OptionRules, text, wholeFrom } from './options.ts';
import { type AcceptedReply, ReplyIntake } from './reply-intake.ts';
import { RobustStrategy } from './robust-strategy.ts';
import { seededOrder } from './select-nodes.ts';
import type {
  Aggregate,
  Assignment,
  ClientReplies,
  ClientReply,
  RoundContext,
  Strategy,
  StrategyInput,
} from './strategy.ts';

export interface GroupMeansOptions {
  /** Nodes of a group; the last group takes what is left over. */
  readonly groupSize: number;
  /** Weights the nodes of a group, as the masked sum does; empty: alike. */
  readonly weightedByKey: string;
}

export const GROUP_MEANS: GroupMeansOptions = Object.freeze({
  groupSize: 3,
  weightedByKey: 'num-examples',
});

export const GROUP_MEANS_RULES: OptionRules<GroupMeansOptions> = {
  groupSize: wholeFrom(2),
  weightedByKey: text,
};

/**
 * Deals the asked nodes to groups by seed and round, and gives the groups' means to a robust rule,
 * whose `numMaliciousNodes` then counts groups: one lying node spoils one group. A reply that
 * already stands for several nodes (`nodes`) is a group by itself. Holds one sum for each group.
 */
export class GroupMeans implements Strategy {
  readonly name: string;
  readonly input: StrategyInput = 'sum';
  readonly rule: Strategy;
  readonly options: Readonly<GroupMeansOptions>;

  /** @throws {RulesError} `invalid-options` for options out of range and rules that are not robust */
  constructor(rule: Strategy, options: Partial<GroupMeansOptions> = {}) {
    this.options = completeOptions('GroupMeans', options, GROUP_MEANS, GROUP_MEANS_RULES);
    if (!worksOnGroupMeans(rule)) {
      const message =
        `${rule.name} does not work on means of groups: ` +
        'it is no robust rule that compares whole updates';
      throw new RulesError('invalid-options', message);
    }
    this.rule = rule;
    this.name = `GroupMeans(${rule.name})`;
  }

  configureTrain(context: RoundContext): readonly Assignment[] {
    return this.rule.configureTrain(context);
  }

  async aggregateTrain(context: RoundContext, replies: ClientReplies): Promise<Aggregate> {
    const groupOf = this.#groupsOf(context);
    const intake = new ReplyIntake({
      strategy: this.name,
      base: modelOf(context),
      weightedByKey: this.options.weightedByKey,
    });
    const groups = new Map<string, Group>();
    for await (const reply of replies) {
      const name = reply.nodes === undefined ? groupOf.get(reply.node) : reply.node;
      if (name === undefined) {
        intake.refused.push({ node: reply.node, reason: 'was not asked in this round' });
        continue;
      }
      const accepted = intake.judge(reply);
      if (accepted === undefined) continue;
      let group = groups.get(name);
      if (group === undefined) {
        group = new Group(accepted.model.length, this.options.weightedByKey);
        groups.set(name, group);
      }
      group.add(accepted);
    }
    const means = [...groups].map(([name, group]) => group.mean(name));
    means.sort((a, b) => (a.node < b.node ? -1 : 1));
    const aggregate = await this.rule.aggregateTrain(context, means);
    const refused = [...intake.refused, ...(aggregate.refused ?? [])];
    return {
      arrays: aggregate.arrays,
      metrics: { ...aggregate.metrics, refusedReplies: refused.length },
      refused,
    };
  }

  configureEvaluate(context: RoundContext): readonly Assignment[] {
    return this.rule.configureEvaluate(context);
  }

  aggregateEvaluate(context: RoundContext, replies: ClientReplies): Promise<MetricRecord> {
    return this.rule.aggregateEvaluate(context, replies);
  }

  summary(): Readonly<Record<string, Scalar>> {
    return { ...this.rule.summary(), strategy: this.name, groupSize: this.options.groupSize };
  }

  state(): ArrayRecord {
    return this.rule.state();
  }

  restore(state: ArrayRecord): void {
    this.rule.restore(state);
  }

  #groupsOf(context: RoundContext): ReadonlyMap<string, string> {
    const nodes = this.rule.configureTrain(context).map(({ node }) => node);
    const order = seededOrder(nodes.length, nodes.length, context, 'groups');
    const groups = Math.max(1, Math.floor(nodes.length / this.options.groupSize));
    return new Map(
      order.map((place, i) => {
        const group = Math.min(Math.floor(i / this.options.groupSize), groups - 1);
        return [nodes[place] as string, `group-${String(group).padStart(4, '0')}`];
      }),
    );
  }
}

/** True for the rules that take the mean of a group for one node's update. */
export function worksOnGroupMeans(rule: Strategy): boolean {
  return rule instanceof RobustStrategy || rule instanceof NormBoundedAvg;
}

class Group {
  readonly #sum: WeightedSum;
  readonly #metrics: MetricMeans;
  #nodes = 0;

  constructor(elements: number, weightedByKey: string) {
    this.#sum = new WeightedSum(elements);
    this.#metrics = new MetricMeans(weightedByKey);
  }

  add({ model, weight, nodes, content }: AcceptedReply): void {
    this.#sum.add(model, weight);
    this.#metrics.add(content.metrics, weight);
    this.#nodes += nodes;
  }

  mean(node: string): ClientReply {
    const arrays = { model: this.#sum.mean() };
    return {
      node,
      content: recordDict({ arrays, metrics: this.#metrics.result() }),
      nodes: this.#nodes,
    };
  }
}
