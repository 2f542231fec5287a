import test from 'ava';
import { encodeOnnxModel } from './onnx-model.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

test('fields are written as the Protocol Buffers encoding guide has them', (t) => {
  t.deepEqual([...new ProtobufWriter().int(1, 150).finish()], [0x08, 0x96, 0x01]);
  t.deepEqual(
    [...new ProtobufWriter().string(2, 'testing').finish()],
    [0x12, 7, ...Buffer.from('testing')],
  );
  const nested = new ProtobufWriter().message(3, (message) => message.int(1, 150));
  t.deepEqual([...nested.finish()], [0x1a, 3, 0x08, 0x96, 0x01]);
  t.deepEqual([...new ProtobufWriter().float(5, 1).finish()], [0x2d, 0, 0, 0x80, 0x3f]);
});

test('a negative integer takes ten bytes', (t) => {
  const bytes = new ProtobufWriter().int(1, -2).finish();
  t.deepEqual([...bytes], [0x08, 0xfe, ...Array(8).fill(0xff), 0x01]);
});

test('a long message grows its buffer and keeps its bytes', (t) => {
  const value = Uint8Array.from({ length: 1000 }, (_, i) => i);
  const bytes = new ProtobufWriter().int(1, 1).bytes(2, value).finish();
  t.deepEqual(bytes.subarray(-1000), value);
});

test('the same graph gives the same bytes', (t) => {
  const graph = {
    name: 'twice',
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }],
    nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
    initializers: [],
  } as const;
  t.deepEqual(encodeOnnxModel(graph), encodeOnnxModel(graph));
});
