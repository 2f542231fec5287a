// Port: whoever performs the work of virtual nodes. In this thread, or in worker threads
// (worker-runner.ts).

import type { AppMessageKind, ArrayRecord } from '@starling/shared';
import type { ClientApp } from '@starling/training';
import { type ClientOutcome, type ClientTask, performTask } from './client-task.ts';

export interface ClientRunner {
  readonly kinds: readonly AppMessageKind[];
  /** Tasks that may be under way at once. */
  readonly concurrency: number;
  /** Rejects only when no task can be performed any more. */
  run(task: ClientTask): Promise<ClientOutcome>;
  stop(): Promise<void>;
}

/** Performs tasks one after another in this thread; an abort does not wait for them. */
export function inlineRunner(app: ClientApp, signal: AbortSignal): ClientRunner {
  let last: Promise<unknown> = Promise.resolve();
  const aborted = new Promise<ClientOutcome>((resolve) => {
    const onAbort = () => resolve({ ok: false, reason: 'aborted' });
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return {
    kinds: app.kinds,
    concurrency: 1,
    run: (task) => {
      const outcome = last.then(() =>
        Promise.race([performTask(app, withOwnArrays(task), signal), aborted]),
      );
      last = outcome;
      return outcome;
    },
    stop: async () => {
      await last;
    },
  };
}

/** A handler may write into what it is given; no other node shall see that. */
export function withOwnArrays(task: ClientTask): ClientTask {
  const { content } = task.message;
  const message = { ...task.message, content: { ...content, arrays: copied(content.arrays) } };
  return { ...task, message };
}

function copied(arrays: ArrayRecord): ArrayRecord {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
}
