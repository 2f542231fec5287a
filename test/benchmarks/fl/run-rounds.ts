// Rounds of a strategy and a client app in this process, one node after the other.

import type { ClientInfo, Strategy } from '@starling/rules';
import { type AppMessage, type ArrayRecord, type ConfigRecord, recordDict } from '@starling/shared';
import type { ClientApp } from '@starling/training';

export interface Rounds {
  readonly strategy: Strategy;
  readonly client: ClientApp;
  readonly nodes: readonly ClientInfo[];
  readonly rounds: number;
  readonly initial: Float32Array;
  readonly runConfig: ConfigRecord;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** True ends the run. */
  readonly onRound?: (round: number, model: Float32Array) => Promise<boolean> | boolean;
}

/** The model after the last round. */
export async function runRounds(run: Rounds): Promise<Float32Array> {
  const { strategy, client, nodes, rounds, runConfig, seed, signal } = run;
  const states = new Map(nodes.map(({ node }) => [node, recordDict()]));
  let arrays: ArrayRecord = { model: run.initial };
  const modelOf = () => arrays['model'] ?? run.initial;
  for (let round = 1; round <= rounds; round++) {
    const context = { round, arrays, clients: nodes, config: {}, seed };
    const replies = strategy.configureTrain(context).map(({ node, content }) => async () => {
      const message: AppMessage = { kind: 'train', runId: 'bench', round, node, content };
      const state = states.get(node) ?? recordDict();
      const own = {
        node,
        runConfig,
        nodeConfig: {},
        state,
        signal,
        seed: clientSeed(seed, round, node),
      };
      const answer = await client.handle(message, own);
      states.set(node, own.state);
      return { node, content: answer };
    });
    const aggregate = await strategy.aggregateTrain(context, inTurn(replies, signal));
    arrays = aggregate.arrays;
    if (await run.onRound?.(round, modelOf())) break;
  }
  return modelOf();
}

async function* inTurn<T>(tasks: readonly (() => Promise<T>)[], signal: AbortSignal) {
  for (const task of tasks) {
    signal.throwIfAborted();
    yield await task();
  }
}

function clientSeed(seed: number, round: number, node: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const text of [String(round), node]) {
    for (const character of `${text}/`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
  }
  return hash >>> 0;
}
