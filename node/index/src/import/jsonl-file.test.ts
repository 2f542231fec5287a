import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { collect, ScratchFile } from './import-fixture.ts';
import { type JsonlFields, readJsonl } from './jsonl-file.ts';
import { IMPORT_LIMITS } from './vector-batch.ts';

const row = fc.record({
  id: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  vector: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 3,
    maxLength: 3,
  }),
  metadata: fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: undefined }),
});
const lineBreak = fc.constantFrom('\n', '\r\n', '\n\n', '\n  \t\n');

testProp(
  'rows come back as they were written, whatever the line breaks and batches',
  [fc.array(fc.tuple(row, lineBreak), { maxLength: 12 }), fc.integer({ min: 1, max: 5 })],
  async (t, rows, batchRows) => {
    const text = rows.map(([value, end]) => JSON.stringify(value) + end).join('');
    await using file = await ScratchFile.write('x.jsonl', text);
    const read = await collect(readJsonl(file.path, { batchRows }));
    const written = rows.map(([value]) => value);
    t.deepEqual(
      read.ids,
      written.map(({ id }) => id),
    );
    // JSON has no negative zero.
    t.deepEqual(
      read.components,
      written.flatMap(({ vector }) => vector.map((x) => x + 0)),
    );
    const metadata = written.map((value) => JSON.stringify(value.metadata));
    t.deepEqual(
      read.metadata.map((value) => JSON.stringify(value)),
      metadata,
    );
  },
  { numRuns: 60 },
);

test('the last line needs no line feed and a long file crosses the pieces it is read in', async (t) => {
  const lines = Array.from({ length: 9_000 }, (_, i) => `{"id":${i},"vector":[${i},0.5,"pad"]}`);
  const text = lines.join('\n').replaceAll('"pad"', `1${' '.repeat(40)}`);
  await using file = await ScratchFile.write('x.jsonl', text);
  const read = await collect(readJsonl(file.path));
  t.deepEqual(
    read.ids,
    lines.map((_, i) => `${i}`),
  );
  t.is(read.components[3 * 8_999], 8_999);
});

test('the fields may have other names', async (t) => {
  const fields: JsonlFields = { id: 'key', vector: 'embedding', metadata: 'payload' };
  const text = '{"key":7,"embedding":[1,2],"payload":{"year":1979},"id":"no","vector":0}';
  await using file = await ScratchFile.write('x.jsonl', text);
  const read = await collect(readJsonl(file.path, { fields }));
  t.deepEqual(read.ids, ['7']);
  t.deepEqual(read.metadata, [{ year: 1979 }]);
});

const first = '{"id":"a","vector":[1,2]}\n\n';
const malformed: [string, IndexErrorCode, string | Buffer][] = [
  ['no JSON', 'corrupt-file', '{"id":"b","vector":[1,2]'],
  ['an array', 'corrupt-file', '[1,2]'],
  ['null', 'corrupt-file', 'null'],
  ['no vector', 'corrupt-file', '{"id":"b"}'],
  ['an empty vector', 'corrupt-file', '{"id":"b","vector":[]}'],
  ['a string for a component', 'corrupt-file', '{"id":"b","vector":[1,"2"]}'],
  ['null for a component', 'corrupt-file', '{"id":"b","vector":[1,null]}'],
  ['a component beyond float32', 'non-finite', '{"id":"b","vector":[1,1e39]}'],
  ['another dimension', 'dimension-mismatch', '{"id":"b","vector":[1,2,3]}'],
  ['no id', 'invalid-id', '{"vector":[1,2]}'],
  ['an empty id', 'invalid-id', '{"id":"","vector":[1,2]}'],
  ['half an id', 'invalid-id', '{"id":0.5,"vector":[1,2]}'],
  ['text for metadata', 'corrupt-file', '{"id":"b","vector":[1,2],"metadata":"x"}'],
  ['broken UTF-8', 'corrupt-file', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
  ['endless text', 'limit-exceeded', ' '.repeat(IMPORT_LIMITS.lineBytesMax + 1)],
];

for (const [what, code, line] of malformed) {
  test(`a line with ${what} is refused as ${code} and named by its number`, async (t) => {
    const content = Buffer.concat([Buffer.from(first), Buffer.from(line)]);
    await using file = await ScratchFile.write('x.jsonl', content);
    const message = /x\.jsonl, line 3, byte 27: /;
    const reading = collect(readJsonl(file.path));
    t.is((await t.throwsAsync(reading, { instanceOf: IndexError, message }))?.code, code);
  });
}
