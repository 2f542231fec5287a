// Graphs in a child process: one may block or crash it, and its owner only sees a rejected run; the
// next run starts another process.

import { TrainingError } from '../training-error.ts';
import { EngineProcess, type EngineProcessOptions } from './engine-process.ts';
import type { Feeds } from './feeds.ts';
import type { GraphHost, HostedProgram, HostedRun } from './graph-host.ts';
import type { AdvanceOptions, Chunk } from './stepped-run.ts';

/** A host in a child process, which starts with the first run. */
export function createProcessHost(
  program: HostedProgram,
  options: EngineProcessOptions,
): GraphHost {
  let engine: EngineProcess | undefined;
  let isStopped = false;
  let nextRun = 0;
  const started = async (): Promise<EngineProcess> => {
    if (isStopped) throw new TrainingError('stopped', 'the trainer was stopped');
    if (engine?.isAlive) return engine;
    engine = new EngineProcess(options);
    await engine.request({ kind: 'load', program });
    return engine;
  };
  return {
    begin: async (graph, start) => {
      const process = await started();
      const run = nextRun++;
      await process.request({ kind: 'begin', run, graph, start });
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
    advance: (steps, perStep, options) => advance(process, run, { steps, perStep }, options),
    finish: async () => (await process.request({ kind: 'finish', run })).carried ?? {},
  };
}

/** Rejects as soon as the signal fires; the process gives up at its next chunk. */
async function advance(
  process: EngineProcess,
  run: number,
  work: { readonly steps: number; readonly perStep: Feeds },
  { signal, onChunk }: AdvanceOptions,
): Promise<Float32Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
  const giveUp = (reason: unknown) => {
    reject(reason);
    process.abort(run);
  };
  const onAbort = () => {
    giveUp(new TrainingError('aborted', 'the fit was aborted', { cause: signal?.reason }));
  };
  const report = (chunk: Chunk) => {
    if (signal?.aborted) return;
    try {
      onChunk?.(chunk);
    } catch (error) {
      giveUp(error);
    }
  };
  if (signal?.aborted) throw new TrainingError('aborted', 'the fit was aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    process
      .request({ kind: 'advance', run, ...work }, report)
      .then(({ gathered }) => resolve(gathered ?? new Float32Array()), reject);
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
