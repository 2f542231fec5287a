import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { TrainingErrorCode } from '../training-error.ts';
import { type IdxArray, readIdx, readIdxPieces } from './idx.ts';
import { IDX_AXES_MAX } from './idx-format.ts';

let folder = '';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-idx-'));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test('an IDX file is read with its shape, packed or not', async (t) => {
  const images = idx(
    0x08,
    [3, 2, 2],
    Uint8Array.from({ length: 12 }, (_, i) => 250 - i),
  );
  const plain = await readIdx(await fileOf('plain', images));
  t.deepEqual(plain.shape, [3, 2, 2]);
  t.is(plain.type, 'uint8');
  t.deepEqual([...plain.data], [250, 249, 248, 247, 246, 245, 244, 243, 242, 241, 240, 239]);
  t.deepEqual(await readIdx(await fileOf('packed.gz', gzipSync(images))), plain);
});

test('every element type of the format is read as its big-endian bytes say', async (t) => {
  const values = [-2, 0, 1, 100];
  const written: [number, number, (view: DataView, i: number, value: number) => void][] = [
    [0x09, 1, (view, i, value) => view.setInt8(i, value)],
    [0x0b, 2, (view, i, value) => view.setInt16(2 * i, value)],
    [0x0c, 4, (view, i, value) => view.setInt32(4 * i, value)],
    [0x0d, 4, (view, i, value) => view.setFloat32(4 * i, value)],
    [0x0e, 8, (view, i, value) => view.setFloat64(8 * i, value)],
  ];
  for (const [code, width, write] of written) {
    const view = new DataView(new ArrayBuffer(width * values.length));
    for (const [i, value] of values.entries()) write(view, i, value);
    const bytes = idx(code, [values.length], new Uint8Array(view.buffer));
    const { data, type } = await readIdx(await fileOf(`type-${code}`, bytes));
    t.deepEqual([...data], values, type);
  }
});

test('pieces are the whole array in order, the last one shorter', async (t) => {
  const bytes = idx(
    0x0b,
    [5, 3],
    new Uint8Array(30).map((_, i) => i),
  );
  const path = await fileOf('pieces.gz', gzipSync(bytes));
  const whole = await readIdx(path);
  const pieces: IdxArray[] = [];
  for await (const piece of readIdxPieces(path, { rows: 2 })) pieces.push(piece);
  t.deepEqual(
    pieces.map(({ shape }) => shape),
    [
      [2, 3],
      [2, 3],
      [1, 3],
    ],
  );
  t.deepEqual(
    pieces.flatMap(({ data }) => [...data]),
    [...whole.data],
  );
});

test('a reader that wants no more pieces leaves no file open', async (t) => {
  const path = await fileOf('left.gz', gzipSync(idx(0x08, [1000, 10], new Uint8Array(10_000))));
  for await (const { shape } of readIdxPieces(path, { rows: 1 })) {
    t.deepEqual(shape, [1, 10]);
    break;
  }
});

const REFUSED: [string, TrainingErrorCode, RegExp, Uint8Array][] = [
  ['an empty file', 'corrupt-file', /byte 0: the magic number .* needs 4 bytes/, bytesOf()],
  ['a text', 'corrupt-file', /byte 0: .* not 68 65 6c 6c/, Buffer.from('hello')],
  [
    'an unknown type',
    'unsupported-format',
    /byte 2: type 0xa is none of 0x8/,
    bytesOf(0, 0, 10, 1),
  ],
  ['no axis', 'corrupt-file', /byte 3: 0 axes/, bytesOf(0, 0, 8, 0)],
  ['too many axes', 'corrupt-file', /byte 3: 9 axes/, bytesOf(0, 0, 8, IDX_AXES_MAX + 1)],
  ['a cut header', 'corrupt-file', /byte 4: the sizes of 2 axes/, bytesOf(0, 0, 8, 2, 0, 0)],
  ['an empty axis', 'corrupt-file', /byte 8: axis 1/, idx(8, [4, 0], new Uint8Array())],
  ['a cut array', 'corrupt-file', /byte 8: \[9\] of uint8 needs 9/, idx(8, [9], new Uint8Array(7))],
  ['a tail', 'corrupt-file', /byte 13: the array ends here/, idx(8, [5], new Uint8Array(6))],
  [
    'an array beyond the limit',
    'limit-exceeded',
    /byte 4: .* more than IDX_BYTES_MAX/,
    idx(8, [0xffff_ffff, 2], new Uint8Array(2)),
  ],
  [
    'a packed array that its file cannot hold',
    'corrupt-file',
    /the file cannot hold them/,
    gzipSync(idx(8, [100_000_000], new Uint8Array(9))),
  ],
  [
    'a packed array that ends before',
    'corrupt-file',
    /byte 8: rows 0 … 98 of \[99\] needs 99 bytes, the file ends after 98/,
    gzipSync(idx(8, [99], new Uint8Array(98))),
  ],
  [
    'a cut gzip file',
    'corrupt-file',
    /does not unpack further \(unexpected end of file\)/,
    gzipSync(
      idx(
        8,
        [99],
        new Uint8Array(99).map((_, i) => i * 37),
      ),
    ).subarray(0, -20),
  ],
];

for (const [what, code, message, bytes] of REFUSED) {
  test(`${what} is refused with file, byte and expectation`, async (t) => {
    const path = await fileOf(what, bytes);
    const error = await t.throwsAsync(readIdx(path), { code, message });
    t.true(error?.message.startsWith(path));
  });
}

test('a missing file and a folder are told apart', async (t) => {
  await t.throwsAsync(readIdx(join(folder, 'none')), { code: 'missing-file' });
  await t.throwsAsync(readIdx(folder), { code: 'unsupported-format', message: /no regular file/ });
});

test('an aborted reading ends with the reason', async (t) => {
  const path = await fileOf('aborted', idx(8, [1], new Uint8Array(1)));
  const signal = AbortSignal.abort('enough');
  await t.throwsAsync(readIdx(path, { signal }), { code: 'aborted' });
  await t.throwsAsync(readIdxPieces(path, { rows: 0 }).next(), { code: 'invalid-options' });
});

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name.replaceAll(' ', '-'));
  await writeFile(path, bytes);
  return path;
}

function idx(code: number, shape: readonly number[], elements: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, code);
  header.setUint8(3, shape.length);
  for (const [axis, size] of shape.entries()) header.setUint32(4 + 4 * axis, size);
  return Buffer.concat([new Uint8Array(header.buffer), elements]);
}

function bytesOf(...bytes: number[]): Uint8Array {
  return Uint8Array.from(bytes);
}
