// Rounds on virtual nodes, until they are over or the benchmark has seen enough.

import { type Strategy, serverApp } from '@starling/rules';
import { type RoundRecord, simulateApp, type VirtualNetwork } from '@starling/runtime';
import type { ConfigRecord } from '@starling/shared';
import { type ClientHandler, clientApp } from '@starling/training';

export interface Rounds {
  readonly strategy: Strategy;
  readonly train: ClientHandler;
  readonly nodes: readonly string[];
  readonly rounds: number;
  readonly initial: Float32Array;
  readonly runConfig: ConfigRecord;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** On a network that loses or delays answers, those that do not count are no failure. */
  readonly network?: Partial<VirtualNetwork>;
  /** Nodes at work at once, for strategies that take updates as they arrive. */
  readonly concurrency?: number;
  /** Told of every model; true ends the run. */
  readonly onRound?: (
    round: number,
    model: Float32Array,
    record: RoundRecord,
  ) => Promise<boolean> | boolean;
}

/** The model after the last round. @throws what a node or the strategy throws */
export async function runRounds(run: Rounds): Promise<Float32Array> {
  const { initial, network, nodes, onRound, rounds, runConfig, seed, strategy, train } = run;
  const enough = new AbortController();
  let model = initial;
  try {
    await simulateApp({
      ...{ nodes, runConfig, seed },
      ...(network && { network }),
      ...(run.concurrency && { concurrency: run.concurrency }),
      client: clientApp({ train }),
      server: serverApp({ strategy, rounds, initial: () => ({ model: initial }) }),
      signal: AbortSignal.any([run.signal, enough.signal]),
      onRound: async (record, { arrays }) => {
        const failed = network === undefined ? record.failures[0]?.reason : undefined;
        const reason = record.failure ?? record.refused[0]?.reason ?? failed;
        if (reason !== undefined) throw new Error(`round ${record.round}: ${reason}`);
        model = arrays['model'] ?? model;
        if (await onRound?.(record.round, model, record)) enough.abort();
      },
    });
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return model;
}
