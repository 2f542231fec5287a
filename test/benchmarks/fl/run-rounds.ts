// Rounds on virtual nodes, until they are over or the benchmark has seen enough.

import { type Strategy, serverApp } from '@starling/rules';
import { simulateApp, type VirtualNetwork } from '@starling/runtime';
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
  readonly network?: Partial<VirtualNetwork>;
  /** Told of every model; true ends the run. */
  readonly onRound?: (round: number, model: Float32Array) => Promise<boolean> | boolean;
}

/** The model after the last round. @throws what a node or the strategy throws */
export async function runRounds(run: Rounds): Promise<Float32Array> {
  const { initial, nodes, onRound, rounds, runConfig, seed, strategy, train } = run;
  const enough = new AbortController();
  let model = initial;
  try {
    await simulateApp({
      ...{ nodes, runConfig, seed },
      ...(run.network && { network: run.network }),
      client: clientApp({ train }),
      server: serverApp({ strategy, rounds, initial: () => ({ model: initial }) }),
      signal: AbortSignal.any([run.signal, enough.signal]),
      onRound: async ({ failure, failures, refused, round }, { arrays }) => {
        const reason = failure ?? failures[0]?.reason ?? refused[0]?.reason;
        if (reason !== undefined) throw new Error(`round ${round}: ${reason}`);
        model = arrays['model'] ?? model;
        if (await onRound?.(round, model)) enough.abort();
      },
    });
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return model;
}
