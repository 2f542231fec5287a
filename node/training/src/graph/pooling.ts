// Pooling over windows that do not overlap. A maximum that stands several times in its window shares
// the gradient among its places.

import assert from 'node:assert/strict';
import type { Dim } from '../onnx/onnx-model.ts';
import { ints } from './attributes.ts';
import { binary, indicator } from './elementwise.ts';
import { elementsOf, type Graph, type Shape, shapeText, type Tensor } from './graph.ts';
import { reshaped } from './shaping.ts';

/** Largest value of every `size` × `size` window of images [rows × channels × height × width]. */
export function maxPool(graph: Graph, x: Tensor, size: number): Tensor {
  const { shape } = windows(x.shape, size);
  const y = pooled(graph, 'MaxPool', x, size, shape);
  return graph.differentiable([x], y, (dy) => {
    const bands = bandsOf(shape, size);
    const tall = reshaped(graph, x, [bands.count, size, bands.width]);
    const isLargest = indicator(graph, 'Equal', tall, widened(graph, y, size, bands));
    const marks = reshaped(graph, isLargest, x.shape);
    const shares = pooled(graph, 'AveragePool', marks, size, shape);
    const share = binary(graph, 'Div', scaledBy(graph, dy, 1 / size ** 2), shares);
    const spread = binary(graph, 'Mul', isLargest, widened(graph, share, size, bands));
    return [reshaped(graph, spread, x.shape)];
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

/** Pooled images as bands: one row of windows of one channel each. */
interface Bands {
  readonly count: Dim;
  /** Of the image under them. */
  readonly width: number;
}

function bandsOf(shape: Shape, size: number): Bands {
  const [rows = 1, channels, height, width] = shape;
  const perRow = Number(channels) * Number(height);
  const count = typeof rows === 'number' ? rows * perRow : `${rows}*${perRow}`;
  return { count, width: Number(width) * size };
}

/**
 * Every value `size` times along its row: [bands × 1 × width]. A product with zeros and ones is exact,
 * and faster here than any operator that copies.
 */
function widened(graph: Graph, y: Tensor, size: number, { count, width }: Bands): Tensor {
  const inner = width / size;
  const ones = Array.from({ length: inner * width }, (_, i) =>
    Math.floor((i % width) / size) === Math.floor(i / width) ? 1 : 0,
  );
  const rows = reshaped(graph, y, [count, inner]);
  const wide = graph.node('MatMul', [rows, graph.constant(ones, [inner, width])], {
    type: y.type,
    shape: [count, width],
  });
  return reshaped(graph, wide, [count, 1, width]);
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
