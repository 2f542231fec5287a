// Pooling over windows that do not overlap. A maximum that stands several times in its window shares
// the gradient among its places.

import assert from 'node:assert/strict';
import { int, ints } from './attributes.ts';
import { reduceSum } from './broadcasting.ts';
import { binary, indicator } from './elementwise.ts';
import { elementsOf, type Graph, type Shape, shapeText, type Tensor } from './graph.ts';
import { reshaped } from './shaping.ts';

/** Largest value of every `size` × `size` window of images [rows × channels × height × width]. */
export function maxPool(graph: Graph, x: Tensor, size: number): Tensor {
  const { rows, channels, height, width, shape } = windows(x.shape, size);
  const y = pooled(graph, 'MaxPool', x, size, shape);
  return graph.differentiable([x], y, (dy) => {
    const depth = [rows, size * size * channels, height, width];
    const blocks = graph.node(
      'SpaceToDepth',
      [x],
      { type: x.type, shape: depth },
      {
        blocksize: int(size),
      },
    );
    const perPlace = [rows, size * size, channels * height * width];
    const once = [rows, 1, channels * height * width];
    const flat = reshaped(graph, blocks, perPlace);
    const mask = indicator(graph, 'Equal', flat, reshaped(graph, y, once));
    const share = binary(
      graph,
      'Div',
      reshaped(graph, dy, once),
      reduceSum(graph, mask, [1], true),
    );
    const spread = reshaped(graph, binary(graph, 'Mul', mask, share), depth);
    return [graph.node('DepthToSpace', [spread], x, { blocksize: int(size) })];
  });
}

/** Mean of every `size` × `size` window. */
export function averagePool(graph: Graph, x: Tensor, size: number): Tensor {
  const { rows, channels, height, width, shape } = windows(x.shape, size);
  return graph.differentiable([x], pooled(graph, 'AveragePool', x, size, shape), (dy) => {
    const share = binary(graph, 'Mul', dy, graph.scalar(1 / size ** 2));
    const column = reshaped(graph, share, [rows, channels, height, 1, width, 1]);
    const ones = Array<number>(elementsOf([size, size])).fill(1);
    const spread = binary(graph, 'Mul', column, graph.constant(ones, [size, 1, size]));
    return [reshaped(graph, spread, x.shape)];
  });
}

function pooled(graph: Graph, op: string, x: Tensor, size: number, shape: Shape): Tensor {
  const window = ints([size, size]);
  return graph.node(op, [x], { type: x.type, shape }, { kernel_shape: window, strides: window });
}

function windows(x: Shape, size: number) {
  const [rows, channels, fullHeight, fullWidth] = x;
  assert(
    x.length === 4 &&
      rows !== undefined &&
      typeof channels === 'number' &&
      typeof fullHeight === 'number' &&
      typeof fullWidth === 'number',
    `pooling takes [rows × channels × height × width], not ${shapeText(x)}`,
  );
  const [height, width] = [fullHeight / size, fullWidth / size];
  assert(
    Number.isInteger(height) && Number.isInteger(width),
    `windows of ${size} × ${size} do not tile images ${shapeText(x)}`,
  );
  return { rows, channels, height, width, shape: [rows, channels, height, width] };
}
