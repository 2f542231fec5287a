// Graphs in a child process: one may block or crash it, and its owner only sees a rejected run; the
// next run starts another process.

import { TrainingError } from '../training-error.ts';
import { EngineProcess, type EngineProcessOptions } from './engine-process.ts';
import type { GraphHost, HostedProgram, HostedRun } from './graph-host.ts';
import type { Chunk } from './stepped-run.ts';

/** A host in a child process, which starts with the first run. */
export function createProcessHost(
  program: HostedProgram,
  options: EngineProcessOptions,
): GraphHost {
  let engine: EngineProcess | undefined;
  let isStopped = false;
  let nextRun = 0;
  const started = (): EngineProcess => {
    if (isStopped) throw new TrainingError('stopped', 'the trainer was stopped');
    if (engine?.isAlive) return engine;
    engine = new EngineProcess(options);
    engine.request({ kind: 'load', program }).catch(() => {});
    return engine;
  };
  return {
    begin: async (graph, start, signal) => {
      if (signal?.aborted) throw aborted(signal);
      const process = started();
      const run = nextRun++;
      await untilAborted(process, run, signal, () =>
        process.request({ kind: 'begin', run, graph, start }),
      );
      return hostedRun(process, run);
    },
    stop: async () => {
      isStopped = true;
      await engine?.stop();
    },
  };
}

function hostedRun(process: EngineProcess, run: number): HostedRun {
  return {
    advance: async (steps, perStep, { signal, onChunk }) => {
      const request = { kind: 'advance', run, steps, perStep } as const;
      const result = await untilAborted(process, run, signal, (giveUp) => {
        const report = (chunk: Chunk) => {
          if (signal?.aborted) return;
          try {
            onChunk?.(chunk);
          } catch (error) {
            giveUp(error);
          }
        };
        return process.request(request, report);
      });
      return result.gathered ?? new Float32Array();
    },
    finish: async () => (await process.request({ kind: 'finish', run })).carried ?? {},
    giveUp: () => process.abort(run),
  };
}

/** Rejects as soon as the signal fires or the work gives up; the process follows at its next chunk. */
async function untilAborted<Result>(
  process: EngineProcess,
  run: number,
  signal: AbortSignal | undefined,
  work: (giveUp: (reason: unknown) => void) => Promise<Result>,
): Promise<Result> {
  if (signal?.aborted) throw aborted(signal);
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const giveUp = (reason: unknown) => {
    reject(reason);
    process.abort(run);
  };
  const onAbort = () => giveUp(aborted(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    work(giveUp).then(resolve, reject);
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function aborted(signal: AbortSignal | undefined): TrainingError {
  return new TrainingError('aborted', 'the run was aborted', { cause: signal?.reason });
}
