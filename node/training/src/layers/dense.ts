import assert from 'node:assert/strict';
import { elementsOf } from '../graph/graph.ts';
import { affine } from '../graph/linear.ts';
import { reshape } from '../graph/shaping.ts';
import { glorot, type Layer, rowsTimes, zeros } from './layer.ts';

export interface DenseOptions {
  readonly bias: boolean;
}

/** x·W + b on the last axis; W is [inputs × units]. */
export function dense(units: number, { bias }: DenseOptions = { bias: true }): Layer {
  assert(Number.isInteger(units) && units > 0, `dense has ${units} units`);
  return {
    build: (input) => {
      const inputs = input.at(-1);
      assert(inputs !== undefined, 'dense takes samples of at least one axis; flatten them first');
      const leading = input.slice(0, -1);
      const weight = glorot('weight', [inputs, units], inputs, units);
      return {
        output: [...leading, units],
        parameters: bias ? [weight, zeros('bias', [units])] : [weight],
        takes: 'reals',
        forward: ({ graph }, x, [w, b]) => {
          assert(w !== undefined);
          if (leading.length === 0) return affine(graph, x, w, b);
          const rows = rowsTimes(x.shape, elementsOf(leading));
          const flat = reshape(graph, x, [rows, inputs]);
          return reshape(graph, affine(graph, flat, w, b), [x.shape[0] ?? 1, ...leading, units]);
        },
      };
    },
  };
}
