import { readFile } from 'node:fs/promises';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { collect, fixturePath, ScratchFile } from './import-fixture.ts';
import { readNpy } from './npy-file.ts';

const REAL = [0, 1, -2, 3.5, -0.25, 6, 7, 8, 9, 10, 11, 65504, 0.0009765625, 6e-8, -1];
const NATURAL = [0, 1, 2, 3, 4, 5, 6, 7, 127, 9, 10, 11, 12, 13, 14];
const NEGATED = NATURAL.map((value) => 0 - value);

const arrays: [string, number[]][] = [
  ['f4', REAL.map(Math.fround)],
  ['f4-big-endian', REAL.map(Math.fround)],
  ['f8', REAL.map(Math.fround)],
  ['f8-big-endian', REAL.map(Math.fround)],
  // 6e-8 is below the smallest half, 2⁻²⁴.
  ['f2', REAL.map((value) => (value === 6e-8 ? 2 ** -24 : value))],
  ['version-2', REAL.map(Math.fround)],
  ['version-3', REAL.map(Math.fround)],
  ['u1', NATURAL],
  ['u2-big-endian', NATURAL],
  ['u4', NATURAL],
  ['u8', NATURAL],
  ['i1', NEGATED],
  ['i2', NEGATED],
  ['i4', NEGATED],
  ['i8', NEGATED],
  ['empty', []],
];

for (const [name, components] of arrays) {
  test(`the array ${name}.npy that NumPy wrote has the numbers that NumPy had`, async (t) => {
    const rows = await collect(readNpy(fixturePath(`${name}.npy`), { batchRows: 2 }));
    t.deepEqual(rows.components, components);
    t.deepEqual(rows.ids, ['0', '1', '2', '3', '4'].slice(0, components.length / 3));
    t.deepEqual(rows.batchRows, components.length > 0 ? [2, 2, 1] : []);
  });
}

test('bytes stay bytes', async (t) => {
  for await (const { vectors } of readNpy(fixturePath('u1.npy')))
    t.true(vectors instanceof Uint8Array);
});

const foreign: [string, RegExp][] = [
  ['fortran', /ascontiguousarray/],
  ['three-dimensions', /3 axes/],
  ['bool', /'\|b1'/],
  ['structured', /a structure/],
];

for (const [name, message] of foreign) {
  test(`the array ${name}.npy is refused and the message says what to save instead`, async (t) => {
    const reading = collect(readNpy(fixturePath(`${name}.npy`)));
    const error = await t.throwsAsync(reading, { instanceOf: IndexError, message });
    t.is(error?.code, 'unsupported-format');
  });
}

function npy(header: string, dataBytes = 0): Buffer {
  const length = Buffer.from([header.length & 0xff, header.length >> 8]);
  const head = [Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header, 'latin1')];
  return Buffer.concat([...head, Buffer.alloc(dataBytes)]);
}

const shape = (text: string, descr = '<f4') =>
  npy(`{'descr': '${descr}', 'fortran_order': False, 'shape': ${text}, }\n`, 24);

const hostile: [string, IndexErrorCode, Buffer][] = [
  ['an empty file', 'corrupt-file', Buffer.alloc(0)],
  ['another format', 'corrupt-file', Buffer.from('PK\x03\x04 and more bytes')],
  ['a version to come', 'unsupported-format', Buffer.from('\x93NUMPY\x04\x00\x01\x00', 'latin1')],
  [
    'a header of 4 GiB',
    'limit-exceeded',
    Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff', 'latin1'),
  ],
  ['a header past its end', 'corrupt-file', Buffer.from('\x93NUMPY\x01\x00\xff\x00{', 'latin1')],
  ['9,999,999,999 × 9 components', 'corrupt-file', shape('(9999999999, 9)')],
  ['a product that overflows', 'corrupt-file', shape('(9007199254740991, 65536)')],
  ['a number of 40 digits', 'corrupt-file', shape(`(${'9'.repeat(40)}, 1)`)],
  ['negative rows', 'corrupt-file', shape('(-2, 3)')],
  ['dimension 0', 'corrupt-file', shape('(6, 0)')],
  ['an endless dimension', 'limit-exceeded', shape('(1, 65537)')],
  ['a row too few', 'corrupt-file', shape('(3, 3)')],
  ['a row too many', 'corrupt-file', shape('(1, 3)')],
  ['an expression for a shape', 'corrupt-file', shape("(__import__('os'), 3)")],
  ['a shape of strings', 'unsupported-format', shape("('2', '3')")],
  ['a deep tuple', 'corrupt-file', shape(`${'('.repeat(5_000)}2`)],
  ['no shape', 'corrupt-file', npy("{'descr': '<f4', 'fortran_order': False}")],
  ['no descr', 'corrupt-file', npy("{'shape': (2, 3), 'fortran_order': False}", 24)],
  ['a tuple for a header', 'corrupt-file', npy('(2, 3)')],
  ['two literals', 'corrupt-file', npy("{'descr': '<f4'} {}")],
  ['text for components', 'unsupported-format', shape('(2, 3)', '<U1')],
  ['wide components without order', 'unsupported-format', shape('(2, 3)', '|f4')],
];

for (const [what, code, bytes] of hostile) {
  test(`a .npy file with ${what} is refused as ${code}`, async (t) => {
    await using file = await ScratchFile.write('x.npy', bytes);
    const error = await t.throwsAsync(collect(readNpy(file.path)), { instanceOf: IndexError });
    t.is(error?.code, code);
    t.true(error?.message.includes(file.path));
  });
}

test('an infinite component and one beyond float32 are refused with their row', async (t) => {
  const bytes = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", 32);
  bytes.writeDoubleLE(1e39, bytes.length - 8);
  await using file = await ScratchFile.write('x.npy', bytes);
  const message = /row 1: component 1 is Infinity as a float32/;
  const error = await t.throwsAsync(collect(readNpy(file.path)), { message });
  t.is((error as IndexError | undefined)?.code, 'non-finite');
});

testProp(
  'whatever stands in the header, a file yields rows or an IndexError',
  [fc.nat({ max: 127 }), fc.integer({ min: 0, max: 255 })],
  async (t, position, value) => {
    const bytes = await readFile(fixturePath('f4.npy'));
    bytes[position] = value;
    await using file = await ScratchFile.write('x.npy', bytes);
    try {
      t.is((await collect(readNpy(file.path))).components.length, 15);
    } catch (error) {
      t.true(error instanceof IndexError, String(error));
    }
  },
  { numRuns: 200 },
);
