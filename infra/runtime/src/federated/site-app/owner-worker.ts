// The thread that looks whether the owner of its process is still there.

import { scheduler } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

const LOOK_EVERY_MS = 1000;

while (process.ppid === workerData) await scheduler.wait(LOOK_EVERY_MS);
process.kill(process.pid, 'SIGKILL');
