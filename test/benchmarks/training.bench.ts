// Training: the hashing encoder's trainers, and the engine beside the arithmetic floor.

import type { Benchmark } from './benchmark.ts';
import { measureEncoder } from './training/encoder-case.ts';
import { measureEncoderEngines } from './training/encoder-engines-case.ts';
import { measureEngine } from './training/engine-case.ts';

const MEASURES = Object.freeze({
  encoder: measureEncoder,
  'encoder-engines': measureEncoderEngines,
  engine: measureEngine,
});

export const benchmark: Benchmark = {
  name: 'training',
  summary:
    'the hashing encoder; --case encoder-engines on each engine; --case engine for models on ONNX Runtime beside the floor',
  baseline: undefined,
  cases: ['encoder', 'encoder-engines', 'engine'],
  async *run(context) {
    for (const name of context.cases.length > 0 ? context.cases : ['encoder']) {
      yield* MEASURES[name as keyof typeof MEASURES](context);
    }
  },
};
