// Convolution over images [rows × channels × height × width] with filters [outputs × channels × kh × kw].
// dX is a transposed convolution; dW is a convolution with the axes of batch and channel swapped.

import assert from 'node:assert/strict';
import { int, ints } from './attributes.ts';
import { reduceSum } from './broadcasting.ts';
import { type Graph, type Shape, shapeText, type Tensor } from './graph.ts';
import { reshaped, transposed } from './shaping.ts';

export interface ConvolutionOptions {
  readonly stride: number;
  /** Zeros on each side of both axes. */
  readonly padding: number;
}

export function convolution(
  graph: Graph,
  x: Tensor,
  w: Tensor,
  b: Tensor | undefined,
  options: ConvolutionOptions,
): Tensor {
  const { stride, padding } = options;
  const shape = convolvedShape(x.shape, w.shape, options);
  const y = graph.node(
    'Conv',
    b ? [x, w, b] : [x, w],
    { type: x.type, shape },
    {
      strides: ints([stride, stride]),
      pads: ints([padding, padding, padding, padding]),
    },
  );
  const inputs = b === undefined ? [x, w] : [x, w, b];
  return graph.differentiable(inputs, y, (dy, isWanted) => [
    isWanted(0) ? imageGradient(graph, x, w, dy, options) : undefined,
    isWanted(1) ? filterGradient(graph, x, w, dy, options) : undefined,
    b !== undefined && isWanted(2) ? reduceSum(graph, dy, [0, 2, 3], false) : undefined,
  ]);
}

function convolvedShape(x: Shape, w: Shape, { stride, padding }: ConvolutionOptions): Shape {
  assert(
    x.length === 4,
    `a convolution takes [rows × channels × height × width], not ${shapeText(x)}`,
  );
  const [rows, channels] = x;
  const [outputs, depth] = w;
  assert(channels === depth, `filters ${shapeText(w)} do not fit images ${shapeText(x)}`);
  const size = (axis: number) => {
    const out = Math.floor((known(x, axis) + 2 * padding - known(w, axis)) / stride) + 1;
    assert(out >= 1, `filters ${shapeText(w)} are larger than images ${shapeText(x)}`);
    return out;
  };
  return [rows ?? 1, outputs ?? 1, size(2), size(3)];
}

/** Rows and columns at the end that no filter reaches. */
function unreached(x: Tensor, w: Tensor, axis: number, options: ConvolutionOptions): number {
  const { stride, padding } = options;
  return (known(x.shape, axis) + 2 * padding - known(w.shape, axis)) % stride;
}

function imageGradient(
  graph: Graph,
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  options: ConvolutionOptions,
): Tensor {
  const { stride, padding } = options;
  return graph.node('ConvTranspose', [dy, w], x, {
    strides: ints([stride, stride]),
    pads: ints([padding, padding, padding, padding]),
    output_padding: ints([unreached(x, w, 2, options), unreached(x, w, 3, options)]),
  });
}

function filterGradient(
  graph: Graph,
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  options: ConvolutionOptions,
): Tensor {
  const [channels, width] = [known(w.shape, 1), known(w.shape, 3)];
  const isWide = channels * width >= WIDE_PRODUCTS && options.stride === 1;
  return isWide && typeof x.shape[0] === 'number'
    ? filterGradientByProducts(graph, x, w, dy, options.padding)
    : filterGradientByConvolution(graph, x, w, dy, options);
}

/** From so many rows on, one matrix product per row of the filter beats the convolution. */
const WIDE_PRODUCTS = 32;

/**
 * For every row u of the filter one product: the images, shifted by u rows and stacked for all columns
 * v, [kw·channels × rows·oh·ow]; dY times its transpose.
 */
function filterGradientByProducts(
  graph: Graph,
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  padding: number,
): Tensor {
  const [outputs, channels, kh, kw] = [0, 1, 2, 3].map((axis) => known(w.shape, axis));
  const [rows, height, width] = [0, 2, 3].map((axis) => known(dy.shape, axis));
  assert(
    outputs && channels && kh && kw && rows && height && width,
    'sizes are known and positive',
  );
  const type = x.type;
  const padded = paddedImages(graph, transposed(graph, x, [1, 0, 2, 3]), padding);
  const tall = known(padded.shape, 2);
  const columns = Array.from({ length: kw }, (_, v) => cut(graph, padded, 3, v, width));
  const shape = [kw * channels, rows, tall, width];
  const stacked = graph.node('Concat', columns, { type, shape }, { axis: int(0) });
  const places = rows * height * width;
  const errors = reshaped(graph, transposed(graph, dy, [1, 0, 2, 3]), [outputs, places]);
  const products = Array.from({ length: kh }, (_, u) => {
    const shifted = reshaped(graph, cut(graph, stacked, 2, u, height), [kw * channels, places]);
    const product = { type, shape: [outputs, kw * channels] };
    return graph.node('Gemm', [errors, shifted], product, { transB: int(1) });
  });
  const all = { type, shape: [outputs, kh * kw * channels] };
  const joined = graph.node('Concat', products, all, { axis: int(1) });
  const perChannel = transposed(
    graph,
    reshaped(graph, joined, [outputs, kh * kw, channels]),
    [0, 2, 1],
  );
  return reshaped(graph, perChannel, w.shape);
}

function paddedImages(graph: Graph, x: Tensor, padding: number): Tensor {
  if (padding === 0) return x;
  const shape = x.shape.map((dim, axis) => (axis < 2 ? dim : Number(dim) + 2 * padding));
  const pads = [0, 0, padding, padding];
  return graph.node('Pad', [x, graph.integers([...pads, ...pads])], { type: x.type, shape });
}

/** `size` places of one axis, from `start` on. */
function cut(graph: Graph, x: Tensor, axis: number, start: number, size: number): Tensor {
  const shape = x.shape.with(axis, size);
  const range = [graph.integers([start]), graph.integers([start + size]), graph.integers([axis])];
  return graph.node('Slice', [x, ...range], { type: x.type, shape });
}

function filterGradientByConvolution(
  graph: Graph,
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  options: ConvolutionOptions,
): Tensor {
  const { stride, padding } = options;
  const images = transposed(graph, x, [1, 0, 2, 3]);
  const errors = transposed(graph, dy, [1, 0, 2, 3]);
  const [rest2, rest3] = [unreached(x, w, 2, options), unreached(x, w, 3, options)];
  const [height, width] = [known(w.shape, 2), known(w.shape, 3)];
  const shape = [known(w.shape, 1), known(w.shape, 0), height + rest2, width + rest3];
  let products = graph.node(
    'Conv',
    [images, errors],
    { type: x.type, shape },
    {
      dilations: ints([stride, stride]),
      pads: ints([padding, padding, padding, padding]),
    },
  );
  if (rest2 > 0 || rest3 > 0) {
    const [from, to] = [graph.integers([0, 0]), graph.integers([height, width])];
    const cut = { type: x.type, shape: [...shape.slice(0, 2), height, width] };
    products = graph.node('Slice', [products, from, to, graph.integers([2, 3])], cut);
  }
  return transposed(graph, products, [1, 0, 2, 3]);
}

function known(shape: Shape, axis: number): number {
  const dim = shape[axis];
  assert(typeof dim === 'number', `axis ${axis} of ${shapeText(shape)} has a known size`);
  return dim;
}
