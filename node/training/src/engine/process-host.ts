// Graphs in a child process: one may block or crash it, and its owner only sees a rejected run; the
// next run starts another process.

import { TrainingError } from '../training-error.ts';
import { EngineProcess, type EngineProcessOptions } from './engine-process.ts';
import { type GraphHost, HeldSets, type HostedProgram, type HostedRun } from './graph-host.ts';
import type { Chunk } from './stepped-run.ts';

/** A host in a child process, which starts with the first run. */
export function createProcessHost(
  program: HostedProgram,
  options: EngineProcessOptions,
): GraphHost {
  let engine: EngineProcess | undefined;
  let isStopped = false;
  let nextRun = 0;
  const sets = new HeldSets();
  /** Sets that the process of now has. */
  let sent = new Set<number>();
  const started = (): EngineProcess => {
    if (isStopped) throw new TrainingError('stopped', 'the trainer was stopped');
    if (engine?.isAlive) return engine;
    engine = new EngineProcess(options);
    sent = new Set();
    engine.request({ kind: 'load', program }).catch(() => {});
    return engine;
  };
  /** A set goes to a process once; what is wrong with it, the run that wants it will say. */
  const send = (process: EngineProcess, held: number): void => {
    const feeds = sets.of(held);
    if (sent.has(held)) return;
    sent.add(held);
    process.request({ kind: 'hold', held, feeds }).catch(() => {});
  };
  return {
    begin: async (graph, start, signal) => {
      if (signal?.aborted) throw aborted(signal);
      const process = started();
      const run = nextRun++;
      await untilAborted(process, run, signal, () => {
        if (start.held !== undefined) send(process, start.held);
        return process.request({ kind: 'begin', run, graph, start });
      });
      return hostedRun(process, run);
    },
    hold: (feeds) => sets.add(feeds),
    letGo: (held) => {
      sets.delete(held);
      if (!sent.delete(held) || engine?.isAlive !== true) return;
      engine.request({ kind: 'letGo', held }).catch(() => {});
    },
    stop: async () => {
      isStopped = true;
      await engine?.stop();
    },
  };
}

function hostedRun(process: EngineProcess, run: number): HostedRun {
  return {
    advance: async (steps, perStep, { signal, onChunk, block }) => {
      const request = { kind: 'advance', run, steps, perStep, block } as const;
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
