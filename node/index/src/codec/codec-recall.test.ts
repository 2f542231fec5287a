// How much of the exact answer each vector type finds by brute force over its codes, alone and
// when the best of them are compared again. The floors stand a little below what was measured.

import test from 'ava';
import { recallAtK } from '../recall.ts';
import { gaussianRows, imageLikeRows, rowOf } from '../sample-vectors.ts';
import type { Metric } from '../vector-index.ts';
import { CodeScan } from './code-scan.ts';
import type { Codec, CodecOptions, CodecType } from './codec.ts';
import { createCodec } from './create-codec.ts';

const DIMENSION = 64;
const ROWS = 1_200;
const QUERIES = 40;
const K = 10;
const AGAIN = 10 * K;

interface Floors {
  readonly alone: number;
  readonly again: number;
}

const FLOORS: Readonly<Partial<Record<CodecType, Readonly<Record<'image' | 'gauss', Floors>>>>> = {
  f16: { image: { alone: 0.99, again: 1 }, gauss: { alone: 0.99, again: 1 } },
  sq8: { image: { alone: 0.99, again: 1 }, gauss: { alone: 0.97, again: 1 } },
  pq8: { image: { alone: 0.74, again: 1 }, gauss: { alone: 0.44, again: 0.96 } },
  pq4: { image: { alone: 0.82, again: 1 }, gauss: { alone: 0.59, again: 0.99 } },
  binary: { image: { alone: 0.46, again: 0.96 }, gauss: { alone: 0.17, again: 0.68 } },
  rabitq: { image: { alone: 0.71, again: 0.99 }, gauss: { alone: 0.43, again: 0.95 } },
};
const METRIC_OF: Readonly<Record<string, Metric>> = { image: 'euclidean', gauss: 'cosine' };

const DATA = {
  image: { rows: imageLikeRows(2, ROWS, DIMENSION), queries: imageLikeRows(3, QUERIES, DIMENSION) },
  gauss: { rows: gaussianRows(4, ROWS, DIMENSION), queries: gaussianRows(5, QUERIES, DIMENSION) },
};

function recallOf(options: CodecOptions, data: (typeof DATA)['image']): Floors {
  const { rows, queries } = data;
  const exact = new CodeScan(createCodec({ ...options, vectorType: 'f32' }), rows);
  const scan = new CodeScan(createCodec(options, rows), rows);
  let alone = 0;
  let again = 0;
  for (let i = 0; i < QUERIES; i++) {
    const query = rowOf(queries, DIMENSION, i);
    const hits = (found: readonly number[]) =>
      found.map((row) => ({
        id: `${row}`,
        distance: exact.codec.distanceOfKey(exact.keys[row] as number),
      }));
    const truth = hits(exact.nearest(query, K));
    const near = scan.nearest(query, AGAIN);
    alone += recallAtK(hits(near.slice(0, K)), truth);
    const order = near.sort((a, b) => (exact.keys[a] as number) - (exact.keys[b] as number));
    again += recallAtK(hits(order.slice(0, K)), truth);
  }
  return { alone: alone / QUERIES, again: again / QUERIES };
}

for (const [vectorType, floors] of Object.entries(FLOORS)) {
  for (const name of ['image', 'gauss'] as const) {
    const { alone, again } = floors[name];
    test(`${vectorType} finds ${alone} of ${name} rows, ${again} after a second look`, (t) => {
      const metric = METRIC_OF[name] ?? 'euclidean';
      const options = { vectorType: vectorType as CodecType, metric, dimension: DIMENSION };
      const found = recallOf(options, DATA[name]);
      t.true(found.alone >= alone, `${found.alone}`);
      t.true(found.again >= again, `${found.again}`);
    });
  }
}

test('bytes find what float32 finds', (t) => {
  const options = { vectorType: 'u8', metric: 'euclidean', dimension: DIMENSION } as const;
  t.deepEqual(recallOf(options, DATA.image), { alone: 1, again: 1 });
});

test('pq8 with its codebooks is an eighth of float32 and keeps the direction of rows', (t) => {
  const dimension = 64;
  const sample = imageLikeRows(6, 5_000, dimension);
  const codec: Codec = createCodec({ vectorType: 'pq8', metric: 'cosine', dimension }, sample);
  const codeBytes = 5_000 * codec.rowBytes + codec.parameters().learned.byteLength;
  t.true(codeBytes <= sample.byteLength / 8);
  let cosines = 0;
  const row = new Uint8Array(codec.rowBytes);
  for (let i = 0; i < 500; i++) {
    codec.encode(sample, i * dimension, row, 0);
    const [given, kept] = [rowOf(sample, dimension, i), codec.decode(row)];
    const product = given.reduce((sum, value, at) => sum + value * (kept[at] as number), 0);
    cosines += product / (Math.hypot(...given) * Math.hypot(...kept)) / 500;
  }
  t.true(cosines >= 0.9, `${cosines}`);
});
