// A child process that a signal or a crash of its owner leaves behind must not go on for ever, and its
// own thread may be too busy to notice: another one looks.

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

const ENTRY = new URL(`./owner-worker${extname(import.meta.url)}`, import.meta.url);

/** Ends this process soon after its parent, whatever its main thread does. */
export function endWithOwner(): void {
  new Worker(ENTRY, { workerData: process.ppid, execArgv: [] }).unref();
}
