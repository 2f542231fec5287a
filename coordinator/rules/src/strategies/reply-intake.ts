// What arrives from nodes, judged one by one: a malformed reply loses its contribution, with a
// reason, and the round goes on.

import {
  EXAMPLES_MAX,
  firstNonFinite,
  type MetricRecord,
  type RecordDict,
  recordFault,
} from '@starling/shared';
import { openUpdate } from '../compression/open-update.ts';
import { RulesError } from '../rules-error.ts';
import { MetricMeans } from './metric-means.ts';
import type { ClientReplies, ClientReply, RefusedReply } from './strategy.ts';

export interface AcceptedReply {
  readonly node: string;
  /** The trained weights, `[elements]`, all finite. */
  readonly model: Float32Array;
  readonly weight: number;
  /** How many nodes it stands for: 1, or the size of a group whose mean it is. */
  readonly nodes: number;
  readonly content: RecordDict;
}

export interface IntakeOptions {
  readonly strategy: string;
  /** The weights that nodes start from, `[elements]`; `undefined` for replies without any. */
  readonly base: Float32Array | undefined;
  readonly weightedByKey: string;
  /** A node may answer more than once, as where nodes train without rounds. */
  readonly mayRepeat?: boolean;
  /** What the strategy demands besides; the reason of a refusal, or `undefined`. */
  readonly demand?: (content: RecordDict) => string | undefined;
}

const NO_MODEL = new Float32Array(0);

/** Invariant: every node counts at most once, and `metrics` covers exactly the accepted replies. */
export class ReplyIntake {
  readonly refused: RefusedReply[] = [];
  readonly #options: IntakeOptions;
  readonly #nodes = new Set<string>();
  readonly #means: MetricMeans;
  #accepted = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#means = new MetricMeans(options.weightedByKey);
  }

  /** The replies that count, in the order given, one at a time. */
  async *accept(replies: ClientReplies): AsyncGenerator<AcceptedReply> {
    for await (const reply of replies) {
      const judged = this.judge(reply);
      if (judged !== undefined) yield judged;
    }
  }

  /**
   * The reply if it counts, a compressed update opened; otherwise it is noted as refused.
   * @param base what this node started from
   */
  judge(reply: ClientReply, base = this.#options.base): AcceptedReply | undefined {
    const opened = this.#open(reply, base);
    if (typeof opened === 'string') {
      this.refused.push({ node: reply.node, reason: opened });
      return undefined;
    }
    const { node, nodes = 1 } = reply;
    const content = opened;
    const { weightedByKey } = this.#options;
    this.#nodes.add(node);
    this.#accepted += 1;
    const weight = weightedByKey === '' ? nodes : (content.metrics[weightedByKey] as number);
    this.#means.add(content.metrics, weight);
    const model = content.arrays['model'] ?? NO_MODEL;
    return { node, model, weight, nodes, content };
  }

  /** @throws {RulesError} `too-few-replies` when fewer than `needed` count; says who was refused */
  demandAtLeast(needed: number, why = ''): void {
    if (this.#accepted >= needed) return;
    const refused = this.refused.map(({ node, reason }) => `${node} (${reason})`).join(', ');
    const message =
      `${this.#options.strategy}${why} needs ${needed} replies, ${this.#accepted} count` +
      (refused === '' ? '' : `; refused: ${refused}`);
    throw new RulesError('too-few-replies', message);
  }

  metrics(): MetricRecord {
    return { ...this.#means.result(), refusedReplies: this.refused.length };
  }

  /** The content that counts, or why there is none. */
  #open({ node, content }: ClientReply, base: Float32Array | undefined): RecordDict | string {
    const { weightedByKey, mayRepeat, demand } = this.#options;
    if (this.#nodes.has(node) && mayRepeat !== true) return 'answered twice';
    const fault =
      recordFault(content) ??
      metricsFault(content.metrics) ??
      weightFault(content.metrics, weightedByKey);
    if (fault !== undefined) return fault;
    if (base === undefined) return demand?.(content) ?? content;
    const opened = openUpdate(content, base);
    if (!opened.ok) return `${opened.refusal.reason}: ${opened.refusal.detail}`;
    return arrayFault(opened.value, 'model', base.length) ?? demand?.(opened.value) ?? opened.value;
  }
}

/** Why `arrays[name]` is no array of `elements` finite numbers; `undefined` when it is. */
export function arrayFault(
  content: RecordDict,
  name: string,
  elements: number,
): string | undefined {
  const array = content.arrays[name];
  if (array === undefined) return `arrays has no ${name}`;
  if (array.length !== elements) return `${name} has ${array.length} elements, not ${elements}`;
  const at = firstNonFinite(array);
  return at < 0 ? undefined : `${name}[${at}] is ${array[at]}`;
}

/** Why a metric is no number in a range; `undefined` when it is. */
export function metricFault(
  metrics: MetricRecord,
  name: string,
  expected: string,
  holds: (value: number) => boolean,
): string | undefined {
  const value = metrics[name];
  if (value === undefined) return `metrics has no ${name}`;
  if (typeof value === 'number' && holds(value)) return undefined;
  return `${name} is ${String(value)}, not ${expected}`;
}

function weightFault(metrics: MetricRecord, key: string): string | undefined {
  if (key === '') return undefined;
  const value = metrics[key];
  if (value === undefined) return `metrics has no ${key}`;
  if (typeof value === 'number' && value > 0 && value <= EXAMPLES_MAX) return undefined;
  return `${key} is ${String(value)}, not a weight above 0 and up to ${EXAMPLES_MAX}`;
}

function metricsFault(metrics: MetricRecord): string | undefined {
  for (const [name, value] of Object.entries(metrics)) {
    const bad = [value].flat().find((number) => !Number.isFinite(number));
    if (bad !== undefined) return `the metric ${name} is ${bad}`;
  }
  return undefined;
}
