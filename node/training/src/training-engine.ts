// Which engine trained, as an update's commitment names it.
import { env } from 'onnxruntime-common';
import type { EncoderShape } from './encoder.ts';
import { pairLossGraph } from './pair-loss-graph.ts';

export const ENGINE_NAMES = ['built-in', 'native', 'wasm'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * Engines of a worker thread, which is terminated at any time: native code does not survive that, the
 * process would end.
 */
export const WORKER_ENGINES = ['built-in', 'wasm'] as const satisfies readonly EngineName[];
export type WorkerEngine = (typeof WORKER_ENGINES)[number];

export interface EngineDescription {
  readonly name: EngineName;
  /** Of everything that decides about bits; the same version gives the same. */
  readonly version: string;
  readonly threads: number;
  /** The training graph as ONNX bytes; null for an engine without one. */
  readonly graph: Uint8Array | null;
}

/** Rises when the arithmetic in plain TypeScript changes. */
const SPARSE_VERSION = 1;

/** What trains an encoder of this shape under an engine's name. `Math.pow` and `Math.exp` are V8's. */
export function encoderEngine(name: EngineName, { dimension }: EncoderShape): EngineDescription {
  const plain = `${SPARSE_VERSION}, V8 ${process.versions.v8}`;
  if (name === 'built-in') return { name, version: plain, threads: 1, graph: null };
  const version = `${plain}, ONNX Runtime ${env.versions.common}`;
  return { name, version, threads: 1, graph: pairLossGraph(dimension) };
}
