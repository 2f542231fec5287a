import assert from 'node:assert/strict';
import { counterUniforms } from '../graph/counter-uniforms.ts';
import { binary, indicator, multiply } from '../graph/elementwise.ts';
import { type Layer, plainLayer } from './layer.ts';

/**
 * Zeroes each value with probability `rate` while training and scales the others by 1/(1 − rate)
 * (Srivastava et al. 2014). What is dropped follows from the seed of the fit, the step, the place of
 * the layer and the place of the value: the same fit drops the same values.
 */
export function dropout(rate: number): Layer {
  assert(rate >= 0 && rate < 1, `0 <= rate < 1, but rate = ${rate}`);
  return plainLayer(
    (input) => input,
    ({ graph, dropoutSeed }, x) => {
      if (dropoutSeed === undefined || rate === 0) return x;
      const uniforms = counterUniforms(graph, dropoutSeed(), x.shape.map(Number));
      const kept = indicator(graph, 'GreaterOrEqual', uniforms, graph.scalar(rate));
      return multiply(graph, x, binary(graph, 'Mul', kept, graph.scalar(1 / (1 - rate))));
    },
  );
}
