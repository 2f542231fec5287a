import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { dense } from '../layers/dense.ts';
import { relu } from '../layers/plain-layers.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import type { TrainingErrorCode } from '../training-error.ts';
import { flatWeights, namedTensors } from './model-tensors.ts';
import { readSafetensors } from './read-safetensors.ts';
import { SAFETENSORS_HEADER_BYTES_MAX } from './safetensors-header.ts';
import { encodeSafetensors, writeSafetensors } from './write-safetensors.ts';

const model = sequential([dense(3), relu(), dense(2)], { input: [4] });
const weights = initialWeights(model, 1);
let folder = '';
let files = 0;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-safetensors-'));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test('weights survive writing and reading, with names, shapes and metadata', async (t) => {
  const path = join(folder, 'model.safetensors');
  await writeSafetensors(path, namedTensors(model, weights), { round: '7' });
  const { tensors, metadata } = await readSafetensors(path);
  t.deepEqual(
    tensors.map(({ name, shape }) => [name, shape]),
    [
      ['0.weight', [4, 3]],
      ['0.bias', [3]],
      ['2.weight', [3, 2]],
      ['2.bias', [2]],
    ],
  );
  t.deepEqual(metadata, { round: '7' });
  t.deepEqual(flatWeights(model, tensors), weights);
  const { tensors: one } = await readSafetensors(path, { select: ['2.weight'] });
  t.deepEqual(one, [tensors[2]]);
  const absent = readSafetensors(path, { select: ['3.weight'] });
  await t.throwsAsync(absent, { code: 'invalid-options', message: /has no tensor "3.weight"/ });
});

test('half-precision tensors become the float32 numbers they stand for', async (t) => {
  const halves = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00];
  const brains = [0x3f80, 0xc000, 0x0001, 0x7f7f, 0x8000, 0xff80];
  const data = Uint16Array.from([...halves, ...brains]);
  const header = {
    half: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] },
    brain: { dtype: 'BF16', shape: [6], data_offsets: [12, 24] },
  };
  const path = await fileOf(JSON.stringify(header), new Uint8Array(data.buffer));
  const [half, brain] = (await readSafetensors(path)).tensors;
  t.deepEqual([...(half?.data ?? [])], [1, -2, 2 ** -24, 65504, -0, Number.POSITIVE_INFINITY]);
  const largest = 2 ** 127 * (2 - 2 ** -7);
  t.deepEqual([...(brain?.data ?? [])], [1, -2, 2 ** -133, largest, -0, Number.NEGATIVE_INFINITY]);
});

test('a tensor of another type can be left out, and is refused otherwise', async (t) => {
  const header = {
    count: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
    w: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
  };
  const path = await fileOf(JSON.stringify(header), new Uint8Array(12));
  t.is((await readSafetensors(path, { select: ['w'] })).tensors.length, 1);
  const message = /tensor "count" is I64, not F32, F16 or BF16/;
  await t.throwsAsync(readSafetensors(path), { code: 'unsupported-format', message });
});

const tensor = (from: number, to: number, shape = [(to - from) / 4]) => {
  return { dtype: 'F32', shape, data_offsets: [from, to] };
};

const HOSTILE: [string, TrainingErrorCode, RegExp, string, number][] = [
  ['text that is no JSON', 'corrupt-file', /byte 8: the header is no JSON/, '{"a":', 0],
  ['a header that is a list', 'corrupt-file', /byte 8: .*no JSON object/, '[]', 0],
  ['a tensor that is a number', 'corrupt-file', /tensor "a": no object with/, '{"a":1}', 0],
  [
    'a name twice',
    'corrupt-file',
    /names "a" twice/,
    `{"a":${JSON.stringify(tensor(0, 4))},"\\u0061":${JSON.stringify(tensor(0, 4))}}`,
    4,
  ],
  [
    'a place twice in one tensor',
    'corrupt-file',
    /names "shape" twice/,
    '{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}',
    8,
  ],
  ['overlapping tensors', 'corrupt-file', /"b" overlaps tensor "a"/, both(0, 8, 4, 12), 12],
  ['a hole between tensors', 'corrupt-file', /"b" leaves a hole after/, both(0, 4, 8, 12), 12],
  ['a tensor beyond the end', 'corrupt-file', /end at 12, the data at 8/, both(0, 4, 4, 12), 8],
  ['bytes that no tensor names', 'corrupt-file', /"b" ends here, the file/, both(0, 4, 4, 8), 9],
  [
    'offsets that run backwards',
    'corrupt-file',
    /data_offsets 8 … 4 hold -4/,
    JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [8, 4] } }),
    8,
  ],
  [
    'a shape that overflows',
    'corrupt-file',
    /hold 4/,
    JSON.stringify({ a: tensor(0, 4, [2 ** 52, 2 ** 52]) }),
    4,
  ],
  [
    'a negative size',
    'corrupt-file',
    /tensor "a": shape is no list/,
    JSON.stringify({ a: tensor(0, 4, [-1]) }),
    4,
  ],
  [
    'an unknown type',
    'corrupt-file',
    /dtype "F31" is none of/,
    JSON.stringify({ a: { ...tensor(0, 4), dtype: 'F31' } }),
    4,
  ],
  [
    'metadata of numbers',
    'corrupt-file',
    /"__metadata__|"n" is no text/,
    '{"__metadata__":{"n":1}}',
    0,
  ],
];

function both(...[from, to, then, end]: [number, number, number, number]): string {
  return JSON.stringify({ a: tensor(from, to), b: tensor(then, end) });
}

for (const [what, code, message, header, bytes] of HOSTILE) {
  test(`${what} is refused with file, byte and expectation`, async (t) => {
    const path = await fileOf(header, new Uint8Array(bytes));
    const error = await t.throwsAsync(readSafetensors(path), { code, message });
    t.true(error?.message.startsWith(`${path}, byte `));
  });
}

test('a header beyond its limit or the file is refused before it is held', async (t) => {
  const huge = await fileOf('{}', new Uint8Array(0), BigInt(SAFETENSORS_HEADER_BYTES_MAX) + 1n);
  await t.throwsAsync(readSafetensors(huge), { code: 'limit-exceeded', message: /byte 0/ });
  const long = await fileOf('{}', new Uint8Array(0), 3n);
  const message = /a header of 3 bytes, the file has 10/;
  await t.throwsAsync(readSafetensors(long), { code: 'corrupt-file', message });
});

test('tensors under other names, the other way round, are found where they are said to be', (t) => {
  const [w0, b0, w2, b2] = namedTensors(model, weights);
  const linear = { name: 'fc.weight', shape: [3, 4], data: new Float32Array(12) };
  for (const [i] of linear.data.entries()) {
    linear.data[i] = w0?.data[(i % 4) * 3 + Math.floor(i / 4)] ?? Number.NaN;
  }
  const tensors = [w2, b2, b0, linear].flatMap((one) => one ?? []);
  const sources = { '0.weight': { name: 'fc.weight', isTransposed: true } } as const;
  t.deepEqual(flatWeights(model, tensors, sources), weights);
});

test('tensors that do not make the model are refused with names and shapes', (t) => {
  const all = namedTensors(model, weights);
  const code = 'shape-mismatch';
  t.throws(() => flatWeights(model, all.slice(1)), {
    code,
    message: 'parameter "0.weight" is [4 × 3]; there is no tensor "0.weight" for it',
  });
  const [first] = all;
  const turned = [{ ...first, shape: [3, 4] }, ...all.slice(1)] as typeof all;
  t.throws(() => flatWeights(model, turned), {
    code,
    message: 'parameter "0.weight" is [4 × 3], tensor "0.weight" is [3 × 4]',
  });
  const more = [...all, { name: 'extra', shape: [1], data: new Float32Array(1) }];
  t.throws(() => flatWeights(model, more), { code, message: /"extra" belongs to no parameter/ });
  t.throws(() => flatWeights(model, all, { z: 'w' }), {
    message: /no parameter "z", but 0.weight/,
  });
  t.throws(() => namedTensors(model, new Float32Array(2)), { code });
});

test('what cannot be written is refused, and a failed write leaves nothing behind', async (t) => {
  const one = { name: 'a', shape: [1], data: new Float32Array(1) };
  t.throws(() => encodeSafetensors([one, one]), { message: 'two tensors are named "a"' });
  t.throws(() => encodeSafetensors([{ ...one, name: '__metadata__' }]), {
    code: 'invalid-options',
  });
  t.throws(() => encodeSafetensors([{ ...one, shape: [2] }]), { code: 'shape-mismatch' });
  const inside = join(folder, 'none', 'model.safetensors');
  await t.throwsAsync(writeSafetensors(inside, [one]), { code: 'storage-failed' });
  const taken = join(folder, 'taken');
  await writeSafetensors(taken, [one]);
  t.false((await readdir(folder)).some((name) => name.endsWith('.part')));
});

async function fileOf(header: string, data: Uint8Array, length?: bigint): Promise<string> {
  const text = Buffer.from(header);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(folder, `${files++}.safetensors`);
  await writeFile(path, Buffer.concat([start, text, data]));
  return path;
}
