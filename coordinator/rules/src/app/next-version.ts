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
import { federatedAverage } from '../federated-average.ts';
import { maskedAverage } from '../masked-average.ts';
import { RulesError } from '../rules-error.ts';
import { replyOfGroup } from '../strategies/secure-aggregation.ts';
import type { ClientReply } from '../strategies/strategy.ts';
import { appStrategy } from './app-task.ts';
import type { VersionModel } from './version-model.ts';

/** What a round gave: single updates in the order of members, or the sums of its groups. */
export type Contributions =
  | {
      readonly kind: 'updates';
      readonly updates: readonly {
        readonly member: MemberId;
        readonly examples: number;
        /** `[elements]` */
        readonly delta: Float32Array;
      }[];
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
    if (task.app === null) return checked(averaged(base, contributions));
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

function averaged({ parameters }: VersionModel, contributions: Contributions): VersionModel {
  const next =
    contributions.kind === 'updates'
      ? federatedAverage(parameters, contributions.updates)
      : maskedAverage(
          parameters,
          contributions.groups.map(({ sum }) => sum),
        );
  return { parameters: next, state: {} };
}

function repliesOf(base: Float32Array, contributions: Contributions): ClientReply[] {
  if (contributions.kind === 'sums') {
    return contributions.groups.map(({ members, sum }, i) => {
      return replyOfGroup(`group-${i}`, members, base, sum);
    });
  }
  return contributions.updates.map(({ delta, examples, member }) => {
    const model = base.map((value, i) => value + (delta[i] as number));
    const metrics = { 'num-examples': examples };
    return { node: member, content: recordDict({ arrays: { model }, metrics }) };
  });
}
