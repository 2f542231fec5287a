// Entry point of the process of one run: performs it, keeps its record, and ends. As long as its
// launcher listens, it ends with it.

import assert from 'node:assert/strict';
import { simulationRuntime } from './app-runtime.ts';
import { recordRun } from './record-run.ts';
import type { FromRun, ToRun } from './run-messages.ts';

const PROGRESS_EVERY_MS = 100;
const controller = new AbortController();
let toldMs = 0;

assert(process.send !== undefined, 'run-worker runs as a child process only');
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
process.on('disconnect', stop);
process.on('message', (message: ToRun) => {
  if (message.kind === 'detach') process.off('disconnect', stop);
  else void perform(message.folder);
});

async function perform(folder: string): Promise<void> {
  const events = {
    onStart: () => say({ kind: 'started' }),
    onProgress: (text: string) => {
      const nowMs = Date.now();
      if (nowMs - toldMs < PROGRESS_EVERY_MS) return;
      toldMs = nowMs;
      say({ kind: 'progress', text });
    },
  };
  const { status } = await recordRun(folder, simulationRuntime, events, controller.signal);
  say({ kind: 'ended' });
  if (process.connected) process.disconnect();
  process.exitCode = status === 'finished:completed' ? 0 : 1;
}

function stop(): void {
  controller.abort();
}

function say(message: FromRun): void {
  if (process.connected) process.send?.(message, () => {});
}
