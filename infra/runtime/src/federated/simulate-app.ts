// Runs an app on virtual nodes of this machine: any number of them registered, only those at work in
// memory. Everything follows from the seed.

import { availableParallelism } from 'node:os';
import type {
  ClientInfo,
  ServerApp,
  ServerCheckpoint,
  ServerRun,
  StepAnswer,
} from '@starling/rules';
import { AppError, type ConfigRecord, type Scalar } from '@starling/shared';
import { type ClientApp, refuseTelemetry } from '@starling/training';
import { loadServer } from './app/load-app.ts';
import { type ClientRunner, inlineRunner } from './clients/client-runner.ts';
import { workerRunner } from './clients/worker-runner.ts';
import { DEFAULT_NODE_STATES_OPTIONS, NodeStates } from './node-states.ts';
import type { ExchangeWorld } from './round-exchange.ts';
import { RunNodes } from './run-nodes.ts';
import { type AppSimulation, digestOf, type RoundRecord } from './simulation-record.ts';
import { checkNetwork, PERFECT_NETWORK, type VirtualNetwork } from './virtual-network.ts';
import { virtualNodes } from './virtual-nodes.ts';

export interface SimulationOptions {
  /** The app, which then runs in this thread; or the module that exports it as `client`. */
  readonly client: ClientApp | URL;
  /** The app, or the module that exports it as `server`. */
  readonly server: ServerApp | URL;
  /** How many there are, or their names. */
  readonly nodes: number | readonly string[];
  /** `partition-id` and `num-partitions` unless told otherwise. */
  readonly nodeConfig?: (node: string, index: number) => ConfigRecord;
  readonly runConfig?: ConfigRecord;
  readonly seed?: number;
  readonly runId?: string;
  /** Threads that load the client's module: as many as there are processors when left out. */
  readonly workers?: number;
  readonly network?: Partial<VirtualNetwork>;
  /** Nodes at work at once under a strategy of arrivals, such as FedBuff. */
  readonly concurrency?: number;
  /** Bytes of the nodes' states in memory; the rest lies on the disk. */
  readonly statesBytesMax?: number;
  /** Goes on after this round; the nodes' own states begin anew. */
  readonly resume?: ServerCheckpoint;
  readonly signal?: AbortSignal;
  /** Told when app and threads are ready. */
  readonly onStart?: (run: {
    readonly rounds: number;
    readonly nodes: number;
    readonly strategy: Readonly<Record<string, Scalar>>;
  }) => void | Promise<void>;
  /** Told of every finished round, before the next begins. */
  readonly onRound?: (record: RoundRecord, checkpoint: ServerCheckpoint) => void | Promise<void>;
  /** Told how many of the asked nodes are done with. */
  readonly onProgress?: (
    step: { kind: string; round: number },
    done: number,
    asked: number,
  ) => void;
  /** Told what worker threads print. */
  readonly onOutput?: (text: string) => void;
}

const SEED_MAX = 2 ** 32 - 1;

/**
 * Runs all rounds of an app.
 *
 * @throws AppError `aborted` when the signal fires (finished rounds were told to `onRound`),
 *   `no-answers`, `no-client`, `invalid-app`, `invalid-options`; whatever strategy and server throw
 */
export async function simulateApp(options: SimulationOptions): Promise<AppSimulation> {
  const { runConfig = {}, seed = 1, signal = new AbortController().signal } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw new AppError('invalid-options', `seed is ${seed}: a whole number 0 … ${SEED_MAX}`);
  }
  const network = { ...PERFECT_NETWORK, ...options.network };
  checkNetwork(network);
  const nodes = virtualNodes(options.nodes, options.nodeConfig);
  const server = options.server instanceof URL ? await loadServer(options.server) : options.server;
  const run = await server.start({ runConfig, seed }, options.resume);
  const memoryBytesMax = options.statesBytesMax ?? DEFAULT_NODE_STATES_OPTIONS.memoryBytesMax;
  const states = new NodeStates({ memoryBytesMax });
  const runner = await openRunner(options, nodes.clients.length, signal);
  try {
    const world: Omit<ExchangeWorld, 'onAnswer'> = {
      ...{ network, runConfig, runner, seed, signal, states },
      runId: options.runId ?? `simulation-${seed}`,
      nodeConfig: nodes.configOf,
    };
    const strategy = run.strategy.summary();
    await options.onStart?.({ rounds: run.rounds, nodes: nodes.clients.length, strategy });
    const rounds = await runRounds(run, nodes.clients, world, options);
    const { arrays } = run.checkpoint;
    return {
      seed,
      nodes: nodes.clients.length,
      strategy,
      rounds,
      arrays,
      digest: digestOf(arrays),
    };
  } finally {
    await runner.stop();
    states.stop();
  }
}

async function openRunner(
  { client, onOutput, runConfig = {}, workers = availableParallelism() }: SimulationOptions,
  nodes: number,
  signal: AbortSignal,
): Promise<ClientRunner> {
  if (!(client instanceof URL)) return inlineRunner(client, signal);
  refuseTelemetry();
  const output = onOutput === undefined ? {} : { onOutput };
  const options = { module: client.href, runConfig, ...output };
  return workerRunner(Math.min(workers, nodes), options, signal);
}

async function runRounds(
  run: ServerRun,
  clients: readonly ClientInfo[],
  world: Omit<ExchangeWorld, 'onAnswer'>,
  options: SimulationOptions,
): Promise<RoundRecord[]> {
  const records: RoundRecord[] = [];
  const nodes = new RunNodes(world, clients, options);
  const steps = run.steps({ clients: () => clients, kinds: world.runner.kinds });
  let answer: StepAnswer;
  try {
    for (;;) {
      const next = await steps.next(answer);
      if (next.done) return records;
      const step = next.value;
      if (step.kind !== 'round') {
        answer = await nodes.ask(step);
        continue;
      }
      const record = nodes.recordOf(step.result);
      records.push(record);
      await options.onRound?.(record, step.checkpoint);
      answer = undefined;
      if (world.signal.aborted) throw new AppError('aborted', 'the run was stopped');
    }
  } finally {
    await nodes.stop();
  }
}
