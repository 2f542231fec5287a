// Pooling over windows that do not overlap. A maximum that stands several times in its window shares
// the gradient among its places.

import assert from 'node:assert/strict';
import { ints } from './attributes.ts';
import { binary, indicator } from './elementwise.ts';
import { elementsOf, type Graph, type Shape, shapeText, type Tensor } from './graph.ts';
import { reshaped } from './shaping.ts';

/** Largest value of every `size` × `size` window of images [rows × channels × height × width]. */
export function maxPool(graph: Graph, x: Tensor, size: number): Tensor {
  const { shape } = windows(x.shape, size);
  const y = pooled(graph, 'MaxPool', x, size, shape);
  return graph.differentiable([x], y, (dy) => {
    const isLargest = indicator(graph, 'Equal', x, enlarged(graph, y, size, x.shape));
    const shares = pooled(graph, 'AveragePool', isLargest, size, shape);
    const share = binary(graph, 'Div', scaledBy(graph, dy, 1 / size ** 2), shares);
    return [binary(graph, 'Mul', isLargest, enlarged(graph, share, size, x.shape))];
  });
}

/** Mean of every `size` × `size` window. */
export function averagePool(graph: Graph, x: Tensor, size: number): Tensor {
  const { rows, channels, height, width, shape } = windows(x.shape, size);
  return graph.differentiable([x], pooled(graph, 'AveragePool', x, size, shape), (dy) => {
    const share = scaledBy(graph, dy, 1 / size ** 2);
    const column = reshaped(graph, share, [rows, channels, height, 1, width, 1]);
    const ones = Array<number>(elementsOf([size, size])).fill(1);
    const spread = binary(graph, 'Mul', column, graph.constant(ones, [size, 1, size]));
    return [reshaped(graph, spread, x.shape)];
  });
}

/**
 * Every value `size` × `size` times, in the shape of the image. A product with zeros and ones is exact,
 * and faster here than any operator that copies or broadcasts: a row of windows becomes its `size`
 * rows of pixels at once.
 */
function enlarged(graph: Graph, y: Tensor, size: number, shape: Shape): Tensor {
  const [rows = 1, channels, height, inner] = y.shape;
  const [count, width] = [Number(channels) * Number(height), Number(inner)];
  const bands = typeof rows === 'number' ? rows * count : `${rows}*${count}`;
  const wide = size * size * width;
  const ones = Array.from({ length: width * wide }, (_, i) =>
    Math.floor((i % (size * width)) / size) === Math.floor(i / wide) ? 1 : 0,
  );
  const product = graph.node(
    'MatMul',
    [reshaped(graph, y, [bands, width]), graph.constant(ones, [width, wide])],
    { type: y.type, shape: [bands, wide] },
  );
  return reshaped(graph, product, shape);
}

function scaledBy(graph: Graph, x: Tensor, factor: number): Tensor {
  return binary(graph, 'Mul', x, graph.scalar(factor));
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
