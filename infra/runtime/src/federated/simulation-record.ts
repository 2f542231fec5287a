// What a simulation tells about its rounds: the same for the same seed, on any number of workers.

import { createHash } from 'node:crypto';
import type { RefusedReply, RoundResult } from '@starling/rules';
import type { ArrayRecord, MetricRecord, Scalar } from '@starling/shared';
import type { Failure } from './round-exchange.ts';

export interface RoundRecord {
  /** Of the server; in asynchronous runs the version of the model. */
  readonly round: number;
  /** Nodes asked to train since the round before, answers among them, and the rest. */
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  /** The first of the failed ones. */
  readonly failures: readonly Failure[];
  /** Answers that the strategy did not count. */
  readonly refused: readonly RefusedReply[];
  readonly train: MetricRecord;
  readonly evaluate: MetricRecord;
  readonly server: MetricRecord;
  /** Why there is no new model, when there is none. */
  readonly failure?: string;
  /** Virtual milliseconds since the run began. */
  readonly virtualMs: number;
}

export interface AppSimulation {
  readonly seed: number;
  readonly nodes: number;
  /** Name and options. */
  readonly strategy: Readonly<Record<string, Scalar>>;
  readonly rounds: readonly RoundRecord[];
  readonly arrays: ArrayRecord;
  /** SHA3-256 over the final arrays: equal digests, equal models. */
  readonly digest: string;
}

/** What the strategy made of a round and what became of the nodes in its training. */
export function recordOf(
  result: RoundResult,
  nodes: Pick<RoundRecord, 'asked' | 'answered' | 'failed' | 'failures'>,
  virtualMs: number,
): RoundRecord {
  const { answered, asked, failed, failures } = nodes;
  return { ...result, asked, answered, failed, failures, virtualMs };
}

/** Names in order, each with its length, so that no two records of arrays have the same bytes. */
export function digestOf(arrays: ArrayRecord): string {
  const hash = createHash('sha3-256');
  for (const name of Object.keys(arrays).sort()) {
    const array = arrays[name] as Float32Array;
    hash.update(`${JSON.stringify(name)}:${array.length};`);
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}

/** One line per round: fixed columns, then every metric that is a number. */
export function simulationCsv({ rounds }: Pick<AppSimulation, 'rounds'>): string {
  const parts = ['train', 'evaluate', 'server'] as const;
  const names = new Set<string>();
  for (const round of rounds) {
    for (const part of parts) {
      for (const [name, value] of Object.entries(round[part])) {
        if (typeof value === 'number') names.add(`${part}:${name}`);
      }
    }
  }
  const metrics = [...names].sort();
  const header = ['round', 'asked', 'answered', 'failed', 'refused', 'virtual-ms', ...metrics];
  const lines = rounds.map((round) => {
    const { answered, asked, failed, refused, round: number, virtualMs } = round;
    const values = metrics.map((column) => {
      const [part = '', ...name] = column.split(':');
      const value = round[part as (typeof parts)[number]][name.join(':')];
      return typeof value === 'number' ? value : '';
    });
    return [number, asked, answered, failed, refused.length, virtualMs, ...values].join(',');
  });
  return [header.map(quoted).join(','), ...lines, ''].join('\n');
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
