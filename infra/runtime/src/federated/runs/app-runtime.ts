// Port: where runs of apps happen. A simulation is one such place, a federation another; whoever keeps
// a run's record sees no difference.

import type { ServerCheckpoint } from '@starling/rules';
import type { ConfigRecord, Scalar } from '@starling/shared';
import type { AppFolder } from '../app/app-folder.ts';
import { simulateApp } from '../simulate-app.ts';
import type { RoundRecord } from '../simulation-record.ts';
import { parseDelay } from '../virtual-network.ts';

/** What a run was asked for, as plain data. */
export interface RunSettings {
  readonly runConfig: ConfigRecord;
  readonly seed: number;
  /** Threads; as many as there are processors when left out. */
  readonly workers?: number | undefined;
  readonly nodes: number;
  /** Of a simulation's network: see VirtualNetwork. */
  readonly dropOut?: number | undefined;
  /** Such as `half-normal:1000`. */
  readonly delay?: string | undefined;
  readonly deadlineMs?: number | undefined;
  readonly waitFor?: number | undefined;
  /** Nodes at work at once in an asynchronous run. */
  readonly concurrency?: number | undefined;
}

/** What happens in a run, in order. */
export interface RunEvents {
  /** The app is loaded and its first round begins. */
  onStart(run: RunStart): void | Promise<void>;
  onRound(record: RoundRecord, checkpoint: ServerCheckpoint): void | Promise<void>;
  onProgress(step: { kind: string; round: number }, done: number, asked: number): void;
  onOutput(text: string): void;
}

export interface RunStart {
  readonly rounds: number;
  readonly nodes: number;
  /** Name and options. */
  readonly strategy: Readonly<Record<string, Scalar>>;
}

export interface AppRuntime {
  readonly name: string;
  /**
   * Runs an app to its end.
   *
   * @returns the digest of the final model
   * @throws AppError `aborted` when the signal fires, and whatever ends the run
   */
  run(
    app: AppFolder,
    runId: string,
    settings: RunSettings,
    events: RunEvents,
    signal: AbortSignal,
  ): Promise<{ readonly digest: string }>;
}

/** Virtual nodes on this machine. */
export const simulationRuntime: AppRuntime = {
  name: 'simulation',
  run: (app, runId, settings, events, signal) => {
    const { deadlineMs, delay, dropOut, nodes, runConfig, seed, waitFor } = settings;
    return simulateApp({
      client: app.client,
      server: app.server,
      ...{ nodes, runConfig, runId, seed, signal },
      ...given({ workers: settings.workers, concurrency: settings.concurrency }),
      network: {
        ...(delay === undefined ? {} : { delay: parseDelay(delay) }),
        ...given({ dropOut, deadlineMs, waitFor }),
      },
      onStart: events.onStart,
      onRound: events.onRound,
      onProgress: events.onProgress,
      onOutput: events.onOutput,
    });
  },
};

/** Without what is undefined. */
function given(
  record: Readonly<Record<string, number | undefined>>,
): Readonly<Record<string, number>> {
  const parts = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(parts) as Readonly<Record<string, number>>;
}
