// Entry point of the worker thread: runs the plain trainer for its owner, one fit at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { createSparseTrainer } from './sparse-trainer.ts';
import type { EngineName } from './training-engine.ts';
import { TrainingError } from './training-error.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new Error('training-worker runs in a worker thread only');

const trainer = createSparseTrainer(workerData as EngineName);
const running = new Map<number, AbortController>();
let last: Promise<void> = Promise.resolve();

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'abort') {
    running.get(request.id)?.abort();
    return;
  }
  running.set(request.id, new AbortController());
  last = last.then(() => run(request));
});

async function run({ id, task }: WorkerRequest & { kind: 'fit' }): Promise<void> {
  const { signal } = running.get(id) ?? new AbortController();
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []) => {
    port?.postMessage(message, transfer);
  };
  try {
    const result = await trainer.fit(task, {
      signal,
      onProgress: (progress) => reply({ kind: 'progress', id, progress }),
    });
    reply({ kind: 'done', id, result }, [result.parameters.buffer as ArrayBuffer]);
  } catch (error) {
    const known = error instanceof TrainingError ? error : undefined;
    reply({
      kind: 'failed',
      id,
      code: known?.code,
      step: known?.step,
      message: String(error instanceof Error ? error.message : error),
    });
  } finally {
    running.delete(id);
  }
}
