import assert from 'node:assert/strict';
import { scale } from '../graph/elementwise.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { affine, batchProduct } from '../graph/linear.ts';
import { reshape, transpose } from '../graph/shaping.ts';
import { softmax } from '../graph/softmax.ts';
import { glorot, type Layer, rowsTimes, zeros } from './layer.ts';

/**
 * Multi-head self-attention over tokens [tokens × width] (Vaswani et al. 2017, section 3.2): every
 * token looks at all tokens of its sample.
 */
export function attention(heads: number): Layer {
  return {
    build: (input) => {
      const [tokens, width] = input;
      assert(
        input.length === 2 && tokens !== undefined && width !== undefined,
        `attention takes [tokens × width], not [${input.join(' × ')}]`,
      );
      assert(width % heads === 0, `a width of ${width} does not divide among ${heads} heads`);
      const projection = (name: string) => [
        glorot(`${name}.weight`, [width, width], width, width),
        zeros(`${name}.bias`, [width]),
      ];
      return {
        output: input,
        parameters: ['query', 'key', 'value', 'output'].flatMap(projection),
        takes: 'reals',
        forward: ({ graph }, x, parameters) =>
          attend(graph, x, parameters, { heads, tokens, width }),
      };
    },
  };
}

interface Sizes {
  readonly heads: number;
  readonly tokens: number;
  readonly width: number;
}

function attend(graph: Graph, x: Tensor, parameters: readonly Tensor[], sizes: Sizes): Tensor {
  const { heads, tokens, width } = sizes;
  const rows = x.shape[0] ?? 1;
  const flat = reshape(graph, x, [rowsTimes(x.shape, tokens), width]);
  const project = (from: Tensor, at: number): Tensor => {
    const [w, b] = parameters.slice(2 * at, 2 * at + 2);
    assert(w !== undefined);
    return affine(graph, from, w, b);
  };
  const perHead = (at: number): Tensor =>
    transpose(
      graph,
      reshape(graph, project(flat, at), [rows, tokens, heads, width / heads]),
      [0, 2, 1, 3],
    );
  const [queries, keys, values] = [perHead(0), perHead(1), perHead(2)];
  const scores = batchProduct(graph, queries, transpose(graph, keys, [0, 1, 3, 2]));
  const shares = softmax(graph, scale(graph, scores, 1 / Math.sqrt(width / heads)));
  const seen = transpose(graph, batchProduct(graph, shares, values), [0, 2, 1, 3]);
  const joined = project(reshape(graph, seen, [rowsTimes(x.shape, tokens), width]), 3);
  return reshape(graph, joined, [rows, tokens, width]);
}
