// Entry point of a worker thread: loads a client app and performs the tasks of virtual nodes.

import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type ArrayRecord, type ConfigRecord } from '@starling/shared';
import type { ClientApp } from '@starling/training';
import { loadClient } from '../app/load-app.ts';
import { performTask } from './client-task.ts';
import { reasonOf } from './reason.ts';
import type { FromWorker, ToWorker, WireTask, WorkerStart } from './worker-messages.ts';

assert(parentPort !== null, 'client-worker runs as a worker thread only');
const port = parentPort;
const { module, runConfig } = workerData as WorkerStart;
const LINGER_MS = 1000;
const held = new Map<number, Float32Array>();
const controller = new AbortController();

try {
  const app = await loadClient(new URL(module));
  serve(app);
  say({ kind: 'ready', kinds: app.kinds });
} catch (error) {
  const code = error instanceof AppError ? error.code : 'invalid-app';
  const message = error instanceof AppError ? error.message : reasonOf(error);
  say({ kind: 'unusable', code, message });
}

function serve(app: ClientApp): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (given: ToWorker) => {
    if (given.kind === 'stop') {
      controller.abort();
      last.finally(end);
      return;
    }
    for (const [number, array] of given.fresh) held.set(number, array);
    const task = taskOf(given.task, runConfig);
    for (const number of given.forgotten) held.delete(number);
    last = last.then(async () => {
      const outcome = await performTask(app, task, controller.signal);
      sayOutcome(given.id, outcome);
    });
  });
}

/** Something of the app's may still hold the thread; no graph runs any more. */
function end(): void {
  port.close();
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

function taskOf({ arrays, config, message, metrics, ...own }: WireTask, run: ConfigRecord) {
  const named: ArrayRecord = Object.fromEntries(
    Object.entries(arrays).map(([name, number]) => [name, copyOf(number)]),
  );
  const content = { arrays: named, metrics, config };
  return { ...own, runConfig: run, message: { ...message, content } };
}

/** A handler may write into what it is given; no other node shall see that. */
function copyOf(number: number): Float32Array {
  const array = held.get(number);
  assert(array !== undefined, `array ${number} was sent`);
  return array.slice();
}

/** Records hold only what can be cloned, unless a handler hides something in them. */
function sayOutcome(id: number, outcome: (FromWorker & { kind: 'done' })['outcome']): void {
  try {
    say({ kind: 'done', id, outcome });
  } catch (error) {
    say({ kind: 'done', id, outcome: { ok: false, reason: reasonOf(error) } });
  }
}

function say(message: FromWorker): void {
  port.postMessage(message);
}
