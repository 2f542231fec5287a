import assert from 'node:assert/strict';
import { layerNorm as normalized } from '../graph/normalization.ts';
import { type Layer, ones, zeros } from './layer.ts';

/** Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis, with gain and bias. */
export function layerNorm(epsilon = 1e-5): Layer {
  return {
    build: (input) => {
      const width = input.at(-1);
      assert(width !== undefined, 'layerNorm takes samples of at least one axis');
      return {
        output: input,
        parameters: [ones('gain', [width]), zeros('bias', [width])],
        takes: 'reals',
        forward: ({ graph }, x, [gain, bias]) => {
          assert(gain !== undefined && bias !== undefined);
          return normalized(graph, x, gain, bias, epsilon);
        },
      };
    },
  };
}
