import { readFile } from 'node:fs/promises';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { readHnswlib, readHnswlibParameters } from './hnswlib-file.ts';
import { collect, fixturePath, ScratchFile } from './import-fixture.ts';

// The files hold rows of these components under the labels 1000 + 3 · row; M = 5, ef = 60.
const DIMENSION = 8;
const componentsOf = (row: number) =>
  Array.from(
    { length: DIMENSION },
    (_, i) => ((row * 37 + i * 101 + row * row * (i + 1)) % 251) / 4,
  );
const idOf = (row: number) => `${1000 + 3 * row}`;
const LIVE = fixturePath('hnswlib-live.bin');
const live = await readFile(LIVE);

test('labels and vectors are those that hnswlib was given', async (t) => {
  const rows = await collect(readHnswlib(LIVE, { batchRows: 70 }));
  const numbers = [...Array(300).keys()];
  t.deepEqual(rows.ids, numbers.map(idOf));
  t.deepEqual(rows.components, numbers.flatMap(componentsOf));
  t.deepEqual(rows.batchRows, [70, 70, 70, 70, 20]);
});

test('elements that hnswlib marked as deleted stay behind', async (t) => {
  const path = fixturePath('hnswlib-deleted.bin');
  const numbers = [...Array(200).keys()].filter((row) => ![0, 7, 100, 199].includes(row));
  for (const batchRows of [1, 64, 1_000]) {
    const rows = await collect(readHnswlib(path, { batchRows, idPrefix: 'old-' }));
    t.deepEqual(
      rows.ids,
      numbers.map((row) => `old-${idOf(row)}`),
    );
    t.deepEqual(rows.components, numbers.flatMap(componentsOf));
  }
});

test('the parameters make an index that finds every imported row', async (t) => {
  const { dimension, efConstruction, elements, layers, m, maxElements } =
    await readHnswlibParameters(LIVE);
  t.deepEqual(
    { dimension, elements, m, efConstruction },
    {
      ...{ dimension: 8, elements: 300, m: 5, efConstruction: 60 },
    },
  );
  t.is(maxElements, 310);
  t.true(layers >= 2);
  const index = new HnswIndex({ dimension, m, efConstruction, metric: 'euclidean' });
  for await (const { ids, vectors } of readHnswlib(LIVE)) {
    index.insertBatch(ids, Float32Array.from(vectors));
  }
  for (const row of [0, 150, 299]) {
    const query = Float32Array.from(componentsOf(row));
    t.is(index.search(query, { k: 1 }).hits[0]?.distance, 0);
  }
});

test('an index without elements yields nothing', async (t) => {
  const path = fixturePath('hnswlib-empty.bin');
  t.deepEqual((await collect(readHnswlib(path))).ids, []);
  t.is((await readHnswlibParameters(path)).layers, 0);
});

const planted: [string, (bytes: Buffer) => void, RegExp][] = [
  ['an offset', (b) => b.writeUInt8(1, 0), /byte 0: offsetLevel0 = 1 is not 0/],
  ['more elements than it may have', (b) => b.writeUInt8(9, 8), /byte 16: .* > max_elements/],
  ['2⁶³ elements', (b) => b.writeUInt8(0x80, 15) && b.writeUInt8(0x80, 23), /byte 16: .*its links/],
  ['more elements than bytes', (b) => b.writeUInt32LE(5e8, 8) && b.writeUInt32LE(4e8, 16), /fit/],
  ['a smaller element', (b) => b.writeUInt8(80, 24), /byte 24: size_data_per_element/],
  ['labels among the links', (b) => b.writeUInt8(8, 32), /byte 32: .*no room for a vector/],
  ['half a component', (b) => b.writeUInt8(75, 32), /byte 32: .*whole float32/],
  ['vectors among the links', (b) => b.writeUInt8(40, 40), /byte 40: offsetData/],
  ['another maxM', (b) => b.writeUInt8(6, 56), /byte 56: maxM = 6 is not M = 5/],
  ['another maxM0', (b) => b.writeUInt8(11, 64), /byte 64: maxM0 = 11/],
  ['a negative top layer', (b) => b.writeInt32LE(-2, 48), /byte 48: maxlevel = -2/],
  ['too high a top layer', (b) => b.writeInt32LE(9, 48), /not on the top layer/],
  ['an entry point past its end', (b) => b.writeUInt32LE(300, 52), /byte 52: enterpoint_node/],
  ['a mult that is no number', (b) => b.writeDoubleLE(Number.NaN, 80), /byte 80: mult = NaN/],
  ['a narrow build', (b) => b.writeUInt8(4, 88), /byte 88: ef_construction = 4 < M = 5/],
  ['a link to nowhere', (b) => b.writeUInt32LE(300, 100), /byte 96: element 0 links to 300 of 300/],
  ['too many links', (b) => b.writeUInt16LE(11, 96 + 84), /byte 180: element 1 has 11 links/],
  ['an unknown mark', (b) => b.writeUInt8(2, 98), /byte 96: element 0 has unknown marks/],
  ['a label twice', (b) => b.writeUInt32LE(1_003, 96 + 76), /holds the label 1003 twice/],
  ['a NaN', (b) => b.writeFloatLE(Number.NaN, 96 + 44), /label 1000: component 0 is NaN/],
];

for (const [what, plant, message] of planted) {
  test(`an hnswlib file with ${what} is refused with the place`, async (t) => {
    const bytes = Buffer.from(live);
    plant(bytes);
    await using file = await ScratchFile.write('x.hnswlib', bytes);
    await t.throwsAsync(collect(readHnswlib(file.path)), { instanceOf: IndexError, message });
  });
}

testProp(
  'a file cut anywhere, or with bytes behind, is refused before its first row',
  [fc.integer({ min: 0, max: live.length + 9 }).filter((size) => size !== live.length)],
  async (t, size) => {
    const bytes = Buffer.alloc(size);
    live.copy(bytes);
    await using file = await ScratchFile.write('x.hnswlib', bytes);
    const first = readHnswlib(file.path, { batchRows: 1 }).next();
    const error = await t.throwsAsync(first, { instanceOf: IndexError });
    t.is(error?.code, 'corrupt-file');
  },
  { numRuns: 60 },
);

testProp(
  'whatever bytes change, a file yields rows or an IndexError',
  [fc.nat({ max: live.length - 1 }), fc.integer({ min: 0, max: 255 }), fc.boolean()],
  async (t, position, value, inHeader) => {
    const bytes = Buffer.from(live);
    bytes[inHeader ? position % 96 : position] = value;
    await using file = await ScratchFile.write('x.hnswlib', bytes);
    try {
      t.true((await collect(readHnswlib(file.path))).ids.length >= 299);
    } catch (error) {
      t.true(error instanceof IndexError, String(error));
    }
  },
  { numRuns: 300 },
);
