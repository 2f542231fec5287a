import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import { Trainer } from '../engine/trainer.ts';
import { ProtobufWriter } from '../onnx/protobuf-writer.ts';
import { TrainingError } from '../training-error.ts';
import { ONNX_FILE_BYTES_MAX, readForeignGraph } from './foreign-graph.ts';
import { ONNX_FIELDS_MAX } from './onnx-message.ts';

type Write = (writer: ProtobufWriter) => unknown;

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'exported');
const step = readFileSync(join(FOLDER, 'mlp.step.onnx'));
const manifest = JSON.parse(readFileSync(join(FOLDER, 'mlp.json'), 'utf8'));

/** A model of one identity, changed at one place. */
function model(parts: { model?: Write; graph?: Write; node?: Write; opset?: Write } = {}) {
  const writer = new ProtobufWriter().int(1, 8).message(7, (graph) => {
    graph.message(1, (node) => {
      node.string(1, 'x').string(2, 'y').string(4, 'Identity');
      parts.node?.(node);
    });
    parts.graph?.(graph);
  });
  writer.message(8, (opset) => (parts.opset ?? ((one) => one.int(2, 18)))(opset));
  parts.model?.(writer);
  return writer.finish().slice();
}

const tensor = (write: Write) => (graph: ProtobufWriter) =>
  graph.message(5, (one) => write(one.string(8, 'w').int(2, 1)));
const attribute = (write: Write) => (node: ProtobufWriter) =>
  node.message(5, (one) => write(one.string(1, 'a')));
const input = (write: Write) => (graph: ProtobufWriter) =>
  graph.message(11, (value) => {
    const typed = (type: ProtobufWriter) => type.message(1, (one) => write(one.int(1, 1)));
    value.string(1, 'x').message(2, (type) => void typed(type));
  });

const external: Write = (one) =>
  one.int(1, 1).message(13, (entry) => void entry.string(1, 'location').string(2, '/etc/passwd'));

const HOSTILE: Record<string, [Uint8Array, RegExp]> = {
  'a tensor in another file': [model({ graph: tensor(external) }), /external_data: .* name files/],
  'a tensor said to lie elsewhere': [
    model({ graph: tensor((one) => one.int(14, 1)) }),
    /data_location: a model may not name files/,
  ],
  'a tensor of another file as attribute': [
    model({ node: attribute((one) => one.message(5, external)) }),
    /external_data/,
  ],
  'a graph within a graph': [
    model({ node: attribute((one) => one.message(6, (graph) => void graph.string(2, 'g'))) }),
    /attribute has g: graphs within graphs/,
  ],
  'a function': [model({ model: (one) => one.message(25, () => {}) }), /functions are not taken/],
  'training information': [model({ model: (one) => one.message(20, () => {}) }), /training_info/],
  'a sparse tensor': [model({ graph: (one) => one.message(15, () => {}) }), /sparse tensors/],
  'an operator of another domain': [
    model({ node: (one) => one.string(7, 'com.example') }),
    /operator Identity of "com.example"; only ONNX's own/,
  ],
  'another set of operators': [
    model({ opset: (one) => one.string(1, 'com.example').int(2, 1) }),
    /operators of "com.example"/,
  ],
  'an old set of operators': [model({ opset: (one) => one.int(2, 9) }), /set 9; .* 13 … 22/],
  'two sets of operators': [
    model({ model: (one) => one.message(8, (opset) => void opset.int(2, 19)) }),
    /operator set 18 and 19/,
  ],
  'a loop': [
    model({ graph: (one) => one.message(1, (node) => void node.string(4, 'Loop')) }),
    /operator Loop: it nests graphs/,
  ],
  'a draw': [
    model({ graph: (one) => one.message(1, (node) => void node.string(4, 'RandomNormal')) }),
    /operator RandomNormal: it draws random numbers/,
  ],
  'an axis with a name': [
    model({ graph: input((one) => one.message(2, named)) }),
    /axis 0 of "x" is rows; export it with a fixed size/,
  ],
  'a value without a shape': [model({ graph: input(() => {}) }), /"x" has no type or no shape/],
  'a tensor with less data than its shape': [
    model({ graph: tensor((one) => one.int(1, 3).bytes(9, new Uint8Array(8))) }),
    /tensor "w" of \[3\] needs 12, it has 8 bytes/,
  ],
  'a tensor beyond the limit': [
    model({ graph: tensor((one) => one.int(1, 2n ** 40n).int(1, 2n ** 40n)) }),
    /tensor "w" of .* bytes/,
  ],
  'a negative size': [model({ graph: tensor((one) => one.int(1, -1)) }), /tensor "w" of/],
  'a tensor of texts': [model({ graph: tensor((one) => one.bytes(6, step)) }), /string_data/],
  'a field that nobody knows': [model({ node: (one) => one.int(99, 1) }), /field 99 of node/],
  'two graphs': [
    model({ model: (one) => one.message(7, () => {}) }),
    /graph of model stands twice/,
  ],
  'an operator with two names': [
    model({ node: (one) => one.string(4, 'Loop') }),
    /op_type of node stands twice/,
  ],
  'a number where a message belongs': [
    model({ model: (one) => one.int(8, 1) }),
    /opset_import of model is varint, not bytes/,
  ],
  'bytes beyond the end': [step.subarray(0, step.length - 1), /bytes are announced, .* are left/],
  'a number without an end': [new Uint8Array(11).fill(0xff), /byte 0: a number has more than 64/],
  'a group': [Uint8Array.of(0x0b), /byte 0: key 11 is that of no field/],
  'no graph': [new Uint8Array(), /byte 0: a model has a graph/],
  'a text of no UTF-8': [
    model({ node: (one) => one.bytes(3, Uint8Array.of(0xff)).bytes(7, Uint8Array.of(0xff)) }),
    /a text is not UTF-8/,
  ],
};

function named(shape: ProtobufWriter): void {
  shape.message(1, (dim) => void dim.string(2, 'rows'));
}

for (const [what, [bytes, message]] of Object.entries(HOSTILE)) {
  test(`${what} is refused with its byte before any runtime sees it`, (t) => {
    const error = t.throws(() => readForeignGraph(bytes, 'model.onnx'), { message });
    t.true(error instanceof TrainingError);
    t.regex(error?.message ?? '', /^model.onnx, byte \d+: /);
  });
}

test('a model of more fields than can be held is refused while it is read', (t) => {
  const empty = new Uint8Array(2 * ONNX_FIELDS_MAX);
  for (let at = 0; at < empty.length; at += 2) empty[at] = 0x0a;
  const bytes = model({ graph: (one) => one.message(1, (node) => void node.raw(empty)) });
  const message = /^m, byte \d+: more fields than can be read$/;
  t.throws(() => readForeignGraph(bytes, 'm'), { code: 'limit-exceeded', message });
});

test('a model beyond the size limit is refused unread', (t) => {
  const bytes = { length: ONNX_FILE_BYTES_MAX + 1 } as Uint8Array;
  t.throws(() => readForeignGraph(bytes, 'm'), { code: 'limit-exceeded' });
});

testProp(
  'bytes that were changed anywhere are refused or read, never more',
  [fc.nat({ max: step.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: step.length })],
  (t, at, byte, end) => {
    for (const bytes of [step.with(at, byte), step.subarray(0, end)]) {
      try {
        readForeignGraph(bytes, 'model.onnx');
      } catch (error) {
        t.true(error instanceof TrainingError, String(error));
      }
    }
    t.pass();
  },
);

test('a step that asks for more memory than there is ends with its process at most', async (t) => {
  const greedy = new ProtobufWriter()
    .int(1, 8)
    .message(7, (graph) => {
      const shape = (sizes: readonly number[]) => (one: ProtobufWriter) => {
        for (const size of sizes) one.message(1, (dim) => void dim.int(1, size));
      };
      const value = (field: number, name: string, type: number, sizes: readonly number[]) =>
        graph.message(field, (one) => {
          one.string(1, name).message(2, (typed) => {
            typed.message(1, (inner) => void inner.int(1, type).message(2, shape(sizes)));
          });
        });
      // 2^42 elements of nothing, summed: no machine of a site has them.
      graph.message(5, (one) => {
        one
          .int(1, 1)
          .int(2, 7)
          .string(8, 'size')
          .bytes(9, Uint8Array.of(0, 0, 0, 0, 0, 4, 0, 0));
      });
      graph.message(1, (one) => {
        one.string(1, 'size').string(2, 'huge').string(4, 'ConstantOfShape');
      });
      graph.message(1, (one) => {
        one.string(1, 'huge').string(2, 'sum').string(4, 'ReduceSum');
        one.message(5, (own) => void own.string(1, 'keepdims').int(3, 0).int(20, 2));
      });
      const add = (a: string, b: string, to: string) =>
        graph.message(
          1,
          (one) => void one.string(1, a).string(1, b).string(2, to).string(4, 'Add'),
        );
      add('w', 'sum', 'w2');
      add('lr', 'sum', 'loss');
      value(11, 'w', 1, [1]);
      value(11, 'x', 1, [1, 1]);
      value(11, 'y', 1, [1, 1]);
      value(11, 'lr', 1, []);
      value(12, 'w2', 1, [1]);
      value(12, 'loss', 1, []);
    })
    .message(8, (opset) => void opset.int(2, 18))
    .finish()
    .slice();
  const names = {
    ...manifest,
    batch: 1,
    parameters: [{ name: 'w', shape: [1], input: 'w', output: 'w2' }],
    x: { input: 'x', type: 'float32', shape: [1] },
    y: { input: 'y', type: 'float32', shape: [1] },
    sampleWeights: undefined,
    learningRate: 'lr',
    loss: 'loss',
    prediction: undefined,
  };
  await using trainer = await Trainer.fromOnnx(greedy, names, { memoryMiB: 1024 });
  const one = new Float32Array(1);
  const fit = trainer.fit({ weights: one, x: one, y: one, epochs: 1, learningRate: 0.1 });
  const error = await t.throwsAsync(fit, { name: 'TrainingError' });
  t.true(['engine-failed', 'worker-died'].includes((error as TrainingError).code));
});
