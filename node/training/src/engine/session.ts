// One ONNX Runtime session: native (onnxruntime-node), or WebAssembly without threads (onnxruntime-web),
// whose bits are the same on every machine. The runtimes load at the first session only.

import { isMainThread } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { ElementType } from '../onnx/onnx-model.ts';
import { TrainingError } from '../training-error.ts';

export type Engine = 'native' | 'wasm';

export type Values = Float32Array | Float64Array | BigInt64Array | Int32Array;

export interface Feed {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Values;
}

export interface Session {
  /** Runs the graph once; blocks the thread while it computes. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Values>>>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly engine: Engine;
  /** Threads inside an operator; 1 is fastest at the sizes of a site. WebAssembly has one. */
  readonly threads?: number;
}

/** Opens a session on a model's bytes. */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const { engine, threads = 1 } = options;
  const runtime = engine === 'native' ? await loadNative() : await loadWasm();
  const session = await runtime.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    run: async (feeds) => {
      const inputs = Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new runtime.Tensor(type, data, dims),
      ]);
      const results = await session.run(Object.fromEntries(inputs));
      return valuesOf(results);
    },
    close: () => session.release(),
  };
}

interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: new (type: ElementType, data: Values, dims: readonly number[]) => Tensor;
}

async function loadNative(): Promise<Runtime> {
  refuseTelemetry();
  return (await import('onnxruntime-node')) as unknown as Runtime;
}

async function loadWasm(): Promise<Runtime> {
  const runtime = await import('onnxruntime-web');
  runtime.env.wasm.numThreads = 1;
  return runtime as unknown as Runtime;
}

/**
 * ONNX Runtime reports to its vendor unless the environment of the process says otherwise before it
 * loads; a worker thread cannot change that environment, so who starts threads that train calls this
 * first.
 *
 * @throws TrainingError `invalid-options` in a thread of a process that was started without it
 */
export function refuseTelemetry(): void {
  if (process.env['ORT_DISABLE_TELEMETRY'] === '1') return;
  if (!isMainThread) {
    throw new TrainingError(
      'invalid-options',
      'set ORT_DISABLE_TELEMETRY=1 in the environment before the process starts, or isolate the trainer in a process',
    );
  }
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}

function valuesOf(results: InferenceSession.ReturnType): Readonly<Record<string, Values>> {
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, value.data as unknown as Values]),
  );
}
