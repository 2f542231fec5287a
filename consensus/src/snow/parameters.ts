// Parameters of the Snow family with avalanchego's names and defaults. Whether they are safe for n
// members and f faulty ones is a question of probability and computed elsewhere.

import type { InstanceRules, StartInstance, TerminationCondition } from './snow-instance.ts';
import { Snowball } from './snowball.ts';
import { Snowflake } from './snowflake.ts';

export interface SnowParameters {
  /** Answers that a poll asks for. */
  readonly k: number;
  /** Answers for a choice that change the preference to it. */
  readonly alphaPreference: number;
  /** Answers for the preference that raise the confidence in it. */
  readonly alphaConfidence: number;
  /** Polls in a row that must raise the confidence before a choice is final. */
  readonly beta: number;
  /** Polls in flight at once. */
  readonly concurrentRepolls: number;
  /** Blocks in processing up to which members propose at once. */
  readonly optimalProcessing: number;
  /** Blocks in processing beyond which a member is unhealthy and takes no more. */
  readonly maxOutstandingItems: number;
  /** Time in processing beyond which a member is unhealthy. */
  readonly maxItemProcessingTimeMs: number;
  /** More termination conditions, ascending in alphaConfidence (error-driven Snowflake). */
  readonly moreConditions?: readonly TerminationCondition[];
}

export const DEFAULT_SNOW_PARAMETERS: SnowParameters = Object.freeze({
  k: 20,
  alphaPreference: 15,
  alphaConfidence: 15,
  beta: 20,
  concurrentRepolls: 4,
  optimalProcessing: 10,
  maxOutstandingItems: 256,
  maxItemProcessingTimeMs: 30_000,
});

/** Termination conditions beyond the first one. */
export const MORE_CONDITIONS_MAX = 8;

/** Share of members above the bare minimum that a healthy network has connected. */
const CONNECTED_BUFFER = 0.2;

export type SnowKind = 'snowflake' | 'snowball';

/** What runs on the bits of a block's children. */
export const DEFAULT_KIND: SnowKind = 'snowflake';

/** The first violated inequality in words, with its numbers; undefined for sound parameters. */
export function verifyParameters(parameters: SnowParameters): string | undefined {
  const { k, alphaPreference, alphaConfidence, beta, concurrentRepolls } = parameters;
  const integers = Object.entries(parameters).filter(([name]) => name !== 'moreConditions');
  const broken = integers.find(([, value]) => !Number.isSafeInteger(value));
  if (broken !== undefined) return `${broken[0]} = ${broken[1]}: fails that it is an integer`;
  const small = integers.find(([, value]) => value <= 0);
  if (small !== undefined) return `${small[0]} = ${small[1]}: fails 0 < ${small[0]}`;
  if (2 * alphaPreference <= k) {
    return `k = ${k}, alphaPreference = ${alphaPreference}: fails k/2 < alphaPreference`;
  }
  if (alphaConfidence < alphaPreference) {
    const given = `alphaPreference = ${alphaPreference}, alphaConfidence = ${alphaConfidence}`;
    return `${given}: fails alphaPreference <= alphaConfidence`;
  }
  if (k < alphaConfidence) {
    return `k = ${k}, alphaConfidence = ${alphaConfidence}: fails alphaConfidence <= k`;
  }
  if (concurrentRepolls > beta) {
    const given = `concurrentRepolls = ${concurrentRepolls}, beta = ${beta}`;
    return `${given}: fails concurrentRepolls <= beta`;
  }
  return verifyConditions(parameters);
}

/** What one instance follows. */
export function instanceRules(parameters: SnowParameters): InstanceRules {
  const { alphaPreference, alphaConfidence, beta, moreConditions = [] } = parameters;
  return { alphaPreference, conditions: [{ alphaConfidence, beta }, ...moreConditions] };
}

/** Starts instances of one kind under the same rules. */
export function instancesOf(kind: SnowKind, rules: InstanceRules): StartInstance {
  return kind === 'snowflake'
    ? (preference) => new Snowflake(rules, preference)
    : (preference) => new Snowball(rules, preference);
}

/** Share of members (or of their weight) that must be connected for polls to do well. */
export function minPercentConnectedHealthy(parameters: SnowParameters): number {
  return minPercentConnected(parameters) * (1 - CONNECTED_BUFFER) + CONNECTED_BUFFER;
}

/** Share below which no poll can raise a confidence, so none is sent: alphaConfidence / k. */
export function minPercentConnected({ alphaConfidence, k }: SnowParameters): number {
  return alphaConfidence / k;
}

function verifyConditions(parameters: SnowParameters): string | undefined {
  const { k, alphaConfidence, beta, moreConditions = [] } = parameters;
  if (moreConditions.length > MORE_CONDITIONS_MAX) {
    return `${moreConditions.length} more conditions: fails that they are <= ${MORE_CONDITIONS_MAX}`;
  }
  let last: TerminationCondition = { alphaConfidence, beta };
  for (const condition of moreConditions) {
    const pair = `(${condition.alphaConfidence}, ${condition.beta})`;
    const after = `(${last.alphaConfidence}, ${last.beta})`;
    const sound = Number.isSafeInteger(condition.alphaConfidence + condition.beta);
    if (!sound || condition.beta <= 0) return `condition ${pair}: fails 0 < beta, in integers`;
    if (condition.alphaConfidence <= last.alphaConfidence || condition.alphaConfidence > k) {
      return `condition ${pair} after ${after}: fails ascending alphaConfidence <= k = ${k}`;
    }
    if (condition.beta > last.beta) {
      return `condition ${pair} after ${after}: fails non-ascending beta`;
    }
    last = condition;
  }
  return undefined;
}
