// Messages of a foreign graph with the names of its values changed, and everything else as it stands.

import { ProtobufWriter } from '../onnx/protobuf-writer.ts';
import type { OnnxMessage } from './onnx-message.ts';

/** None of our names has a slash. An empty name leaves an optional input out. */
export function foreignName(name: string): string {
  return name === '' ? '' : `foreign/${name}`;
}

const NODE = { inputs: 1, outputs: 2 };
const TENSOR = { name: 8 };

export function encodedNode(node: OnnxMessage): Uint8Array {
  const writer = new ProtobufWriter();
  for (const name of node.texts('input')) writer.string(NODE.inputs, foreignName(name));
  for (const name of node.texts('output')) writer.string(NODE.outputs, foreignName(name));
  return encodedRest(writer, node, [NODE.inputs, NODE.outputs]);
}

export function encodedTensor(tensor: OnnxMessage): Uint8Array {
  const writer = new ProtobufWriter().string(TENSOR.name, foreignName(tensor.text('name')));
  return encodedRest(writer, tensor, [TENSOR.name]);
}

function encodedRest(
  writer: ProtobufWriter,
  { fields }: OnnxMessage,
  renamed: readonly number[],
): Uint8Array {
  for (const { number, raw } of fields) if (!renamed.includes(number)) writer.raw(raw);
  return writer.finish().slice();
}
