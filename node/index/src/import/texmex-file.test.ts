import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { collect, ScratchFile } from './import-fixture.ts';
import { readTexmex, type TexmexFormat } from './texmex-file.ts';

function texmex(format: TexmexFormat, rows: readonly (readonly number[])[]): Buffer {
  return Buffer.concat(
    rows.map((row) => {
      const size = format === 'bvecs' ? 1 : 4;
      const bytes = Buffer.alloc(4 + size * row.length);
      bytes.writeInt32LE(row.length);
      for (const [i, value] of row.entries()) {
        if (format === 'fvecs') bytes.writeFloatLE(value, 4 + 4 * i);
        if (format === 'ivecs') bytes.writeInt32LE(value, 4 + 4 * i);
        if (format === 'bvecs') bytes.writeUInt8(value, 4 + i);
      }
      return bytes;
    }),
  );
}

const component: Record<TexmexFormat, fc.Arbitrary<number>> = {
  fvecs: fc.float({ noNaN: true, noDefaultInfinity: true }),
  bvecs: fc.nat({ max: 255 }),
  ivecs: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
};

for (const format of ['fvecs', 'bvecs', 'ivecs'] as const) {
  const rows = fc.integer({ min: 1, max: 9 }).chain((dimension) =>
    fc.array(fc.array(component[format], { minLength: dimension, maxLength: dimension }), {
      maxLength: 20,
    }),
  );
  testProp(
    `a .${format} file comes back as it was written, in batches of any size`,
    [rows, fc.integer({ min: 1, max: 7 })],
    async (t, written, batchRows) => {
      await using file = await ScratchFile.write(`x.${format}`, texmex(format, written));
      const read = await collect(readTexmex(file.path, format, { batchRows, idPrefix: 'row-' }));
      t.deepEqual(read.components, written.flat());
      t.deepEqual(
        read.ids,
        written.map((_, row) => `row-${row}`),
      );
      t.true(read.batchRows.every((count) => count <= batchRows));
    },
    { numRuns: 40 },
  );
}

test('a row of another dimension is refused with its number and place', async (t) => {
  const bytes = texmex('fvecs', [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8, 9, 10, 11],
    [12, 13],
  ]);
  await using file = await ScratchFile.write('x.fvecs', bytes);
  const message = /x\.fvecs, byte 36: row 3 has dimension 5, row 0 has 2/;
  for (const batchRows of [1, 3, 100]) {
    const reading = collect(readTexmex(file.path, 'fvecs', { batchRows }));
    t.is((await t.throwsAsync(reading, { instanceOf: IndexError, message }))?.code, 'corrupt-file');
  }
});

test('a file that was cut is refused with the row that is not whole', async (t) => {
  const bytes = texmex('bvecs', [
    [1, 2, 3],
    [4, 5, 6],
  ]).subarray(0, 12);
  await using file = await ScratchFile.write('x.bvecs', bytes);
  const message = /byte 7: row 1 needs 7 bytes, 5 are left/;
  await t.throwsAsync(collect(readTexmex(file.path, 'bvecs')), { instanceOf: IndexError, message });
});

const heads: [string, IndexErrorCode, number[]][] = [
  ['dimension 0', 'corrupt-file', [0, 0, 0, 0]],
  ['a negative dimension', 'corrupt-file', [0xff, 0xff, 0xff, 0xff]],
  ['a dimension of two thousand million', 'limit-exceeded', [0xff, 0xff, 0xff, 0x7f]],
  ['three bytes', 'corrupt-file', [1, 0, 0]],
  ['a head without its row', 'corrupt-file', [1, 0, 0, 0]],
];

for (const [what, code, bytes] of heads) {
  test(`a TexMex file with ${what} is refused as ${code}`, async (t) => {
    await using file = await ScratchFile.write('x.fvecs', Uint8Array.from(bytes));
    const reading = collect(readTexmex(file.path, 'fvecs'));
    t.is((await t.throwsAsync(reading, { instanceOf: IndexError }))?.code, code);
  });
}

test('a NaN is refused with its row', async (t) => {
  const bytes = texmex('fvecs', [
    [1, 2],
    [3, Number.NaN],
  ]);
  await using file = await ScratchFile.write('x.fvecs', bytes);
  const message = /row 1: component 1 is NaN/;
  await t.throwsAsync(collect(readTexmex(file.path, 'fvecs')), { instanceOf: IndexError, message });
});
