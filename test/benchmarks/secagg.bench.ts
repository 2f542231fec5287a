// Secure aggregation: what it costs beside aggregation in the clear.

import type { Benchmark } from './benchmark.ts';
import { measureKernels } from './secagg/kernels-case.ts';
import { measureSessions, SESSION_CASES } from './secagg/sessions-case.ts';

export const benchmark: Benchmark = {
  name: 'secagg',
  summary: 'masked sums beside the same sums in the clear: time, bytes, exactness',
  baseline: 'plain',
  cases: [...SESSION_CASES, 'kernels'],
  async *run(context) {
    const { cases, isQuick } = context;
    const usual = SESSION_CASES.filter((name) => !(isQuick && name === 'large'));
    const names = cases.length > 0 ? cases : usual;
    for (const name of names) {
      if (name === 'kernels') yield* measureKernels(context);
      else yield* measureSessions(name, context);
    }
  },
};
