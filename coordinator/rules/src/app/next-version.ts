// The next version from the last one and what a round gave: FedAvg for the encoder, the strategy of
// the genesis for an app. The coordinator computes it, every voter again, bit for bit.

import type { DecodedSum } from '@starling/crypto';
import {
  type Checked,
  checked,
  type MemberId,
  type RoundPlan,
  recordDict,
  refused,
  type TrainingTask,
} from '@starling/shared';
import { federatedAverage, type WeightedUpdate } from '../federated-average.ts';
import { maskedAverage } from '../masked-average.ts';
import { RulesError } from '../rules-error.ts';
import { replyOfGroup } from '../strategies/secure-aggregation.ts';
import type { ClientReply } from '../strategies/strategy.ts';
import { appStrategy } from './app-task.ts';
import type { VersionModel } from './version-model.ts';

export interface MemberUpdate extends WeightedUpdate {
  readonly member: MemberId;
}

/**
 * What a round gave: single updates in the order of members, each asked for when the one before it
 * is summed, or the sums of its groups.
 */
export type Contributions =
  | {
      readonly kind: 'updates';
      readonly updates: AsyncIterable<MemberUpdate> | Iterable<MemberUpdate>;
    }
  | {
      readonly kind: 'sums';
      readonly groups: readonly { readonly members: number; readonly sum: DecodedSum }[];
    };

/** The next version, or why these contributions give none. */
export async function nextVersion(
  task: TrainingTask,
  plan: RoundPlan,
  base: VersionModel,
  contributions: Contributions,
): Promise<Checked<VersionModel>> {
  try {
    if (task.app === null) return checked(await averaged(base, contributions));
    const strategy = appStrategy(task.app, task.aggregation);
    strategy.restore(base.state);
    const clients = plan.cohort.map((node) => ({ node, examples: undefined }));
    const { round, seed } = plan;
    const context = { round, seed, arrays: { model: base.parameters }, clients, config: {} };
    const replies = repliesOf(base.parameters, contributions);
    const { arrays } = await strategy.aggregateTrain(context, replies);
    const { model = base.parameters } = arrays;
    return checked({ parameters: model, state: strategy.state() });
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return refused('wrong-shape', `${error.code}: ${error.message}`);
  }
}

async function averaged(
  { parameters }: VersionModel,
  contributions: Contributions,
): Promise<VersionModel> {
  const next =
    contributions.kind === 'updates'
      ? await federatedAverage(parameters, contributions.updates)
      : maskedAverage(
          parameters,
          contributions.groups.map(({ sum }) => sum),
        );
  return { parameters: next, state: {} };
}

async function* repliesOf(
  base: Float32Array,
  contributions: Contributions,
): AsyncGenerator<ClientReply> {
  if (contributions.kind === 'sums') {
    for (const [i, { members, sum }] of contributions.groups.entries()) {
      yield replyOfGroup(`group-${i}`, members, base, sum);
    }
    return;
  }
  for await (const { delta, examples, member } of contributions.updates) {
    const model = base.map((value, i) => value + (delta[i] as number));
    const metrics = { 'num-examples': examples };
    yield { node: member, content: recordDict({ arrays: { model }, metrics }) };
  }
}
