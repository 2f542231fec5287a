// Training: the hashing encoder's trainers, and the engine beside the arithmetic floor.

import type { Benchmark } from './benchmark.ts';
import { measureEncoder } from './training/encoder-case.ts';
import { measureEngine } from './training/engine-case.ts';

export const benchmark: Benchmark = {
  name: 'training',
  summary: 'the hashing encoder; --case engine for models on ONNX Runtime beside the floor',
  baseline: undefined,
  cases: ['encoder', 'engine'],
  async *run(context) {
    for (const name of context.cases.length > 0 ? context.cases : ['encoder']) {
      yield* name === 'engine' ? measureEngine(context) : measureEncoder(context);
    }
  },
};
