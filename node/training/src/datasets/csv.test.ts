import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import type { TrainingErrorCode } from '../training-error.ts';
import { type CsvColumn, csvMatrix, readCsv, readCsvPieces } from './csv.ts';
import { CSV_FIELDS_MAX, CSV_RECORD_CHARS_MAX, CsvParser } from './csv-parser.ts';
import type { CsvOptions } from './csv-schema.ts';

let folder = '';
let files = 0;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-csv-'));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test('a file with a header becomes columns of numbers and text', async (t) => {
  const path = await fileOf('age, city ,score\r\n63,"Ulm, ""old""",1.5e1\r\n\r\n41,?,-.5');
  const table = await readCsv(path, { types: { city: 'text', age: 'integer' } });
  t.is(table.rows, 2);
  t.deepEqual(shown(table.columns), [
    ['age', 'integer', [63, 41]],
    ['city', 'text', ['Ulm, "old"', undefined]],
    ['score', 'number', [15, -0.5]],
  ]);
});

test('a file without a header has numbered columns or the names it is given', async (t) => {
  const path = await fileOf('1;2\n3;4\n');
  const options = { header: false, separator: ';' };
  const numbered = await readCsv(path, options);
  t.deepEqual(shown(numbered.columns), [
    ['1', 'number', [1, 3]],
    ['2', 'number', [2, 4]],
  ]);
  const named = await readCsv(path, { ...options, names: ['a', 'b'], select: ['b'] });
  t.deepEqual(shown(named.columns), [['b', 'number', [2, 4]]]);
});

test('missing values are kept as NaN, skip their row, or are refused', async (t) => {
  const path = await fileOf('a,b\n1,?\n2,-9\n3,4\n');
  const kept = await readCsv(path);
  t.deepEqual(shown(kept.columns)[1], ['b', 'number', [Number.NaN, -9, 4]]);
  const skipped = await readCsv(path, { onMissing: 'skip', missing: ['?', '-9'] });
  t.deepEqual(shown(skipped.columns)[0], ['a', 'number', [3]]);
  const unread = await readCsv(path, { onMissing: 'refuse', select: ['a'] });
  t.is(unread.rows, 3);
  const message = /line 2: column "b" is missing \("\?"\)/;
  await t.throwsAsync(readCsv(path, { onMissing: 'refuse' }), { code: 'corrupt-file', message });
});

test('a packed file comes in pieces, and columns make a matrix', async (t) => {
  const rows = Array.from({ length: 7 }, (_, i) => `${i},${10 * i},x`);
  const path = await fileOf(gzipSync(`a,b,c\n${rows.join('\n')}`));
  const matrices: number[][] = [];
  for await (const piece of readCsvPieces(path, { rows: 3, types: { c: 'text' } })) {
    matrices.push([...csvMatrix(piece, ['b', 'a'])]);
    t.throws(() => csvMatrix(piece), { message: /"c" is a column of text/ });
  }
  t.deepEqual(matrices, [
    [0, 0, 10, 1, 20, 2],
    [30, 3, 40, 4, 50, 5],
    [60, 6],
  ]);
});

const REFUSED: [string, TrainingErrorCode, RegExp, string | Uint8Array, CsvOptions?][] = [
  [
    'a word among numbers',
    'corrupt-file',
    /line 3: column "b" holds "x", not a n/,
    'a,b\n1,2\n3,x',
  ],
  ['a number beyond float64', 'corrupt-file', /line 2: column "a" holds "1e999"/, 'a\n1e999'],
  ['hexadecimal', 'corrupt-file', /line 2: column "a" holds "0x10"/, 'a\n0x10'],
  ['a fraction for an integer', 'corrupt-file', /a whole/, 'a\n1.5', { types: { a: 'integer' } }],
  ['a short row', 'corrupt-file', /line 3: 1 fields; there are 2 columns/, 'a,b\n1,2\n3\n'],
  ['a name twice', 'corrupt-file', /two columns are named "a"/, 'a,a\n1,2'],
  ['an open quote', 'corrupt-file', /line 3, field 1: a quoted field never ends/, 'a\n"1\n2'],
  ['a stray quote', 'corrupt-file', /line 2, field 2: a quote within/, 'a,b\n1,2"3'],
  ['text after a quote', 'corrupt-file', /line 2, field 1: "x" after/, 'a,b\n"1"x,2'],
  ['bytes that are no UTF-8', 'corrupt-file', /byte 0: .*not UTF-8/, Uint8Array.of(97, 0xff, 10)],
  ['an empty file', 'corrupt-file', /has no records/, ''],
  ['an unknown column', 'invalid-options', /no column "z", but "a"/, 'a\n1', { select: ['z'] }],
  ['too few names', 'invalid-options', /has 2 columns for 1 names/, 'a,b', { names: ['a'] }],
  ['a long separator', 'invalid-options', /separator is ";;"/, 'a', { separator: ';;' }],
];

for (const [what, code, message, text, options] of REFUSED) {
  test(`${what} is refused with file, place and expectation`, async (t) => {
    await t.throwsAsync(readCsv(await fileOf(text), options), { code, message });
  });
}

test('a record beyond its limits is refused before it is held', (t) => {
  const code = 'limit-exceeded';
  const long = new CsvParser('file', ',');
  const piece = 'x'.repeat(CSV_RECORD_CHARS_MAX);
  long.push(`a\n"${piece}`);
  t.throws(() => long.push('x'), { code, message: /file, line 2: .*CSV_RECORD_CHARS_MAX/ });
  const wide = new CsvParser('file', ',');
  t.throws(() => wide.push(','.repeat(CSV_FIELDS_MAX + 1)), { code, message: /CSV_FIELDS_MAX/ });
});

testProp(
  'every table survives writing and parsing, however the text is cut',
  [
    fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 }), { maxLength: 6 }),
    fc.integer({ min: 1, max: 9 }),
  ],
  (t, rows, size) => {
    const quoted = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`));
    const text = quoted.map((row) => `${row.join(',')}\r\n`).join('');
    const parser = new CsvParser('file', ',');
    const records = [];
    for (let at = 0; at < text.length; at += size) {
      records.push(...parser.push(text.slice(at, at + size)));
    }
    records.push(...parser.end());
    t.deepEqual(
      records.map(({ fields }) => fields),
      rows,
    );
  },
);

function shown(columns: readonly CsvColumn[]) {
  return columns.map(({ name, type, values }) => [name, type, [...values]]);
}

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, content);
  return path;
}
