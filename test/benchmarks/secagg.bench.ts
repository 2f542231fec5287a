// Secure aggregation: what it costs beside aggregation in the clear.

import type { Benchmark } from './benchmark.ts';
import { measureKernels } from './secagg/kernels-case.ts';

export const benchmark: Benchmark = {
  name: 'secagg',
  summary: 'masks, additions, encodings and shares beside the plain loops under them',
  baseline: 'plain',
  cases: ['kernels'],
  run: measureKernels,
};
