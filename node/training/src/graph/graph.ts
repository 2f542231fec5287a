// A graph under construction: inputs, constants, nodes with known types and shapes, and the tape that
// `gradientsOf` walks backwards. Sizes unknown until the graph runs are names (`rows`).

import assert from 'node:assert/strict';
import {
  type Dim,
  type ElementType,
  type EncodedMessage,
  encodeOnnxModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  type OnnxVersions,
} from '../onnx/onnx-model.ts';

export type Shape = readonly Dim[];

export type Tensor = OnnxValue;

/** Element type of everything differentiable; float64 is for checking gradients. */
export type RealType = 'float32' | 'float64';

/**
 * A contribution to a gradient that may be fused with the tensor it is added to:
 * `Gemm(Xᵀ, dY, C = base)` is one operator.
 */
export interface Addend {
  addedTo(base: Tensor | undefined): Tensor;
}

/** Given ∂L/∂output, the contributions to the inputs that are asked for. */
export type Backward = (
  gradient: Tensor,
  isWanted: (input: number) => boolean,
) => readonly (Tensor | Addend | undefined)[];

export interface TapeEntry {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly backward: Backward;
}

export interface OutputType {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** Most nodes of a graph, its bodies included. */
export const NODES_MAX = 100_000;

export class Graph {
  readonly real: RealType;
  readonly tape: TapeEntry[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #constants = new Map<string, { tensor: OnnxTensor; value: Tensor }>();
  readonly #foreign: EncodedMessage[] = [];
  #nodes: (OnnxNode | EncodedMessage)[] = [];
  #created = 0;
  #streams = 0;

  constructor(real: RealType = 'float32') {
    this.real = real;
  }

  input(name: string, type: ElementType, shape: Shape): Tensor {
    assert(!this.#inputs.some((input) => input.name === name), `input ${name} exists`);
    const value = { name, type, shape };
    this.#inputs.push(value);
    return value;
  }

  /** A constant of the graph's real type; equal constants are one. */
  constant(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
    const array = this.real === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
    return this.#constant(this.real, shape, array);
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
    return this.#constant('int64', shape, BigInt64Array.from(values, BigInt));
  }

  /** One operator with one output. */
  node(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    output: OutputType,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): Tensor {
    return this.nodes(op, inputs, [output], attributes)[0] as Tensor;
  }

  nodes(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    outputs: readonly OutputType[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): Tensor[] {
    assert(this.#created < NODES_MAX, `a graph has at most ${NODES_MAX} nodes`);
    const created = outputs.map((output) => this.#value(output));
    this.#nodes.push({
      op,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: created.map(({ name }) => name),
      attributes,
    });
    return created;
  }

  /** Notes how `output` follows from `inputs`, for `gradientsOf`. Returns `output`. */
  differentiable(inputs: readonly Tensor[], output: Tensor, backward: Backward): Tensor {
    this.tape.push({ inputs, output, backward });
    return output;
  }

  /** A number of its own for every source of randomness of the graph. */
  nextStream(): number {
    return this.#streams++;
  }

  /** Names `tensor` as a result of the graph. */
  output(name: string, tensor: Tensor): void {
    this.#outputs.push(this.named(name, tensor));
  }

  /**
   * A subgraph for `Loop`: `build` adds nodes to it, may use every tensor outside, and returns its
   * results. Its constants stand outside, so that they are made once.
   */
  body(name: string, inputs: readonly OutputType[], build: (inputs: Tensor[]) => Tensor[]) {
    const outside = this.#nodes;
    this.#nodes = [];
    const values = inputs.map((input) => this.#value(input));
    const outputs = build(values).map((tensor) => this.#ownOutput(tensor));
    const body: OnnxGraph = { name, inputs: values, outputs, nodes: this.#nodes, initializers: [] };
    this.#nodes = outside;
    return body;
  }

  /** `tensor` under another name, for nodes that know it by that name. */
  named(name: string, { type, shape, name: source }: Tensor): Tensor {
    this.#nodes.push({ op: 'Identity', inputs: [source], outputs: [name], attributes: {} });
    return { name, type, shape };
  }

  /** Nodes that somebody else made. */
  addEncodedNodes(nodes: readonly Uint8Array[]): void {
    for (const encoded of nodes) this.#nodes.push({ encoded });
  }

  addEncodedConstants(tensors: readonly Uint8Array[]): void {
    for (const encoded of tensors) this.#foreign.push({ encoded });
  }

  get nodeCount(): number {
    return this.#created;
  }

  /** The bytes of the ONNX model. */
  encode(name: string, versions?: OnnxVersions): Uint8Array {
    const own = [...this.#constants.values()].map(({ tensor }) => tensor);
    const graph = {
      name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: [...own, ...this.#foreign],
    };
    return encodeOnnxModel(graph, versions);
  }

  #value({ type, shape }: OutputType): Tensor {
    return { name: `t${this.#created++}`, type, shape };
  }

  /** A body's result must be made in the body, and only once. */
  #ownOutput(tensor: Tensor): Tensor {
    return this.node('Identity', [tensor], tensor);
  }

  #constant(
    type: ElementType,
    dims: readonly number[],
    array: Float32Array | Float64Array | BigInt64Array,
  ): Tensor {
    assert.equal(array.length, elementsOf(dims), `${array.length} values for shape [${dims}]`);
    const key = `${type}[${dims}]${array}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known.value;
    const name = `c${this.#constants.size}`;
    const data = littleEndian(array);
    const value = { name, type, shape: dims };
    this.#constants.set(key, { tensor: { name, type, dims, data }, value });
    return value;
  }
}

export function elementsOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function shapeText(shape: Shape): string {
  return `[${shape.join(' × ')}]`;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

function littleEndian(array: Float32Array | Float64Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(array.byteLength);
  const view = new DataView(bytes.buffer);
  array.forEach((value: number | bigint, i: number) => {
    if (typeof value === 'bigint') view.setBigInt64(i * 8, value, true);
    else if (array instanceof Float32Array) view.setFloat32(i * 4, value, true);
    else view.setFloat64(i * 8, value, true);
  });
  return bytes;
}
