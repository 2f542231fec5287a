// ONNX models as values and their bytes (onnx.proto3, IR version 8, operator set 18). Weights are
// embedded: a model of ours never has external data.

import { ProtobufWriter } from './protobuf-writer.ts';

export type ElementType = 'float32' | 'float64' | 'int64' | 'int32' | 'bool';

/** A number, or the name of a size that is known when the graph runs. */
export type Dim = number | string;

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph };

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Little-endian, row-major. */
  readonly data: Uint8Array;
}

export interface OnnxNode {
  readonly op: string;
  /** Names; an empty one leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dim[];
}

/** A message that stands in bytes already. */
export interface EncodedMessage {
  readonly encoded: Uint8Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly (OnnxNode | EncodedMessage)[];
  readonly initializers: readonly (OnnxTensor | EncodedMessage)[];
}

export interface OnnxVersions {
  readonly ir: number;
  readonly operatorSet: number;
}

const VERSIONS: OnnxVersions = { ir: 8, operatorSet: 18 };

const DATA_TYPES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const;

/** The bytes of a ModelProto; the same graph gives the same bytes. */
export function encodeOnnxModel(graph: OnnxGraph, versions = VERSIONS): Uint8Array {
  return new ProtobufWriter()
    .int(1, versions.ir)
    .string(2, 'starling')
    .message(7, (message) => writeGraph(message, graph))
    .message(8, (message) => message.string(1, '').int(2, versions.operatorSet))
    .finish()
    .slice();
}

function writeGraph(writer: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) {
    if ('encoded' in node) writer.bytes(1, node.encoded);
    else writer.message(1, (message) => writeNode(message, node));
  }
  writer.string(2, graph.name);
  for (const tensor of graph.initializers) {
    if ('encoded' in tensor) writer.bytes(5, tensor.encoded);
    else writer.message(5, (message) => writeTensor(message, tensor));
  }
  for (const value of graph.inputs) writer.message(11, (message) => writeValue(message, value));
  for (const value of graph.outputs) writer.message(12, (message) => writeValue(message, value));
}

function writeNode(writer: ProtobufWriter, { op, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) writer.string(1, name);
  for (const name of outputs) writer.string(2, name);
  writer.string(3, `${op}:${outputs[0] ?? ''}`).string(4, op);
  for (const [name, attribute] of Object.entries(attributes)) {
    writer.message(5, (message) => writeAttribute(message.string(1, name), attribute));
  }
}

function writeAttribute(writer: ProtobufWriter, attribute: OnnxAttribute): void {
  switch (attribute.kind) {
    case 'float':
      writer.float(2, attribute.value);
      break;
    case 'int':
      writer.int(3, attribute.value);
      break;
    case 'string':
      writer.string(4, attribute.value);
      break;
    case 'tensor':
      writer.message(5, (message) => writeTensor(message, attribute.value));
      break;
    case 'graph':
      writer.message(6, (message) => writeGraph(message, attribute.value));
      break;
    case 'ints':
      for (const value of attribute.value) writer.int(8, value);
      break;
  }
  writer.int(20, ATTRIBUTE_TYPES[attribute.kind]);
}

function writeTensor(writer: ProtobufWriter, { name, type, dims, data }: OnnxTensor): void {
  for (const dim of dims) writer.int(1, dim);
  writer.int(2, DATA_TYPES[type]).string(8, name).bytes(9, data);
}

function writeValue(writer: ProtobufWriter, { name, type, shape }: OnnxValue): void {
  writer.string(1, name).message(2, (typeProto) =>
    typeProto.message(1, (tensorType) => {
      tensorType.int(1, DATA_TYPES[type]).message(2, (shapeProto) => {
        for (const dim of shape) {
          shapeProto.message(1, (dimension) => {
            if (typeof dim === 'number') dimension.int(1, dim);
            else dimension.string(2, dim);
          });
        }
      });
    }),
  );
}
