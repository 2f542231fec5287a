// Every kernel of codes against plain TypeScript over the same bytes.

import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { gaussianRows } from '../sample-vectors.ts';
import type { Metric } from '../vector-index.ts';
import { CodeScan } from './code-scan.ts';
import type { Codec, CodecOptions, CodecType } from './codec.ts';
import { createCodec, learnsFromRows, restoreCodec } from './create-codec.ts';
import { floatOfKey } from './distance.ts';
import { KernelScratch } from './kernel-scratch.ts';
import { PQ4_BLOCK_ROWS, pq4BlockBytes, putPq4Row } from './pq4-blocks.ts';
import { Pq4Codec } from './pq4-codec.ts';

const ROWS = 5;
const ALL: readonly Metric[] = ['cosine', 'euclidean', 'dot', 'manhattan'];
const BY_ANGLE: readonly Metric[] = ['cosine', 'euclidean', 'dot'];

const CASES: readonly { type: CodecType; metrics: readonly Metric[]; extra?: object }[] = [
  { type: 'f16', metrics: ALL },
  { type: 'u8', metrics: ['euclidean', 'dot', 'manhattan'] },
  { type: 'sq8', metrics: ALL },
  { type: 'pq8', metrics: ALL },
  { type: 'pq4', metrics: ALL },
  { type: 'binary', metrics: BY_ANGLE },
  { type: 'rabitq', metrics: BY_ANGLE, extra: { queryBits: 4 } },
  { type: 'rabitq', metrics: BY_ANGLE, extra: { queryBits: 8 } },
];

for (const { type, metrics, extra = {} } of CASES) {
  const name = `${type} ${Object.values(extra).join('')}`.trim();
  testProp(
    `the kernel of ${name} agrees with plain arithmetic at every dimension`,
    [fc.constantFrom(...metrics), fc.integer({ min: 1, max: 300 }), fc.nat({ max: 10_000 })],
    (t, metric, dimension, seed) =>
      checkKernel(t, { vectorType: type, metric, dimension, ...extra }, seed),
    { seed: 202, numRuns: 60 },
  );
  for (const dimension of [784, 4_096]) {
    test(`the kernel of ${name} agrees with plain arithmetic at ${dimension} dimensions`, (t) => {
      for (const metric of metrics) {
        checkKernel(t, { vectorType: type, metric, dimension, ...extra }, dimension);
      }
    });
  }
}

test('the fast scan gives the keys that single rows give, past 16 bits too', (t) => {
  for (const [dimension, subspaces] of [
    [10, 3],
    [1_000, 1_000],
  ] as const) {
    const codec = untrained({ vectorType: 'pq4', metric: 'euclidean', dimension, subspaces }, 7);
    if (!(codec instanceof Pq4Codec)) return t.fail();
    const scan = new CodeScan(codec, gaussianRows(1, 2 * PQ4_BLOCK_ROWS, dimension));
    const query = new Float32Array(dimension).fill(30);
    t.deepEqual(blockKeys(codec, scan.codes, query), [...scan.rank(query)]);
    if (subspaces === 1_000) t.true(largestSum(codec, scan, query) > 0xffff);
  }
});

function blockKeys(codec: Pq4Codec, codes: Uint8Array, query: Float32Array): number[] {
  const blockBytes = pq4BlockBytes(codec);
  const scratch = new KernelScratch(codec.queryBytes + 2 * blockBytes + 64 * 4);
  const { buffer, kernel } = scratch;
  const prepared = new Uint8Array(buffer, scratch.take(codec.queryBytes), codec.queryBytes);
  const blocks = new Uint8Array(buffer, scratch.take(2 * blockBytes), 2 * blockBytes);
  const keys = new Uint32Array(buffer, scratch.take(64 * 4), 64);
  codec.prepareQuery(query, prepared);
  for (let row = 0; row < 64; row++) {
    const block = blocks.subarray((row >> 5) * blockBytes, ((row >> 5) + 1) * blockBytes);
    const code = codes.subarray(row * codec.rowBytes, (row + 1) * codec.rowBytes);
    putPq4Row(codec, block, row % PQ4_BLOCK_ROWS, code);
  }
  kernel.scanPq4Blocks(prepared.byteOffset, blocks.byteOffset, 2, keys.byteOffset);
  return [...keys];
}

function largestSum(codec: Pq4Codec, scan: CodeScan, query: Float32Array): number {
  const prepared = new Uint8Array(codec.queryBytes);
  codec.prepareQuery(query, prepared);
  const [bias = 0, step = 0] = new Float32Array(prepared.buffer, 0, 2);
  return Math.max(...Array.from(scan.rank(query), (key) => (floatOfKey(key) - bias) / step));
}

/** A codec with learned numbers from nowhere: kernels do not care. */
function untrained(options: CodecOptions, seed: number): Codec {
  const { dimension, vectorType } = options;
  if (!learnsFromRows(options)) return createCodec(options);
  const lengths: Partial<Record<CodecType, number>> = {
    pq8: 256 * dimension,
    pq4: 16 * dimension,
  };
  const length = lengths[vectorType];
  if (length === undefined) return createCodec(options, gaussianRows(seed, 20, dimension));
  return restoreCodec({ options, learned: gaussianRows(seed, length, 1) });
}

function checkKernel(t: ExecutionContext, options: CodecOptions, seed: number): void {
  const { dimension, vectorType } = options;
  const codec = untrained(options, seed);
  const isByte = vectorType === 'u8';
  const form = (value: number) => (isByte ? Math.abs(Math.trunc(value * 400)) & 0xff : value);
  const rows = gaussianRows(seed + 1, ROWS, dimension).map(form);
  const query = gaussianRows(seed + 2, 1, dimension).map(form);
  const scan = new CodeScan(codec, rows);
  const keys = scan.rank(query);
  const prepared = new Uint8Array(codec.queryBytes);
  codec.prepareQuery(query, prepared);
  for (let row = 0; row < ROWS; row++) {
    const code = scan.codes.slice(row * codec.rowBytes, (row + 1) * codec.rowBytes);
    const key = keys[row] as number;
    const { value, tolerance } = expected(codec, prepared, code, query);
    const found = tolerance === undefined ? key : floatOfKey(key);
    t.true(
      Math.abs(found - value) <= (tolerance ?? 0),
      `${vectorType} ${options.metric} ${dimension}: ${found} for ${value}`,
    );
  }
}

/** An integer key when there is no tolerance, else a float32 rank. */
function expected(
  codec: Codec,
  query: Uint8Array,
  row: Uint8Array,
  vector: Float32Array,
): { readonly value: number; readonly tolerance?: number } {
  const { dimension, metric, vectorType } = codec;
  if (vectorType === 'binary') return { value: sumBytes(query, row, (a, b) => ones(a ^ b)) };
  if (vectorType === 'pq4') return pq4Rank(query, row);
  if (vectorType === 'rabitq') return rabitqRank(query, row, dimension);
  if (vectorType === 'u8' || (vectorType === 'sq8' && metric !== 'dot')) {
    if (metric === 'manhattan') return { value: sumBytes(query, row, (a, b) => Math.abs(a - b)) };
    if (metric === 'dot') return { value: ~sumBytes(query, row, (a, b) => a * b) >>> 0 };
    return { value: sumBytes(query, row, (a, b) => (a - b) ** 2) };
  }
  const other = codec.decode(row);
  const asked = vectorType === 'pq8' ? scaled(vector, metric) : codec.decode(query);
  return plainRank(metric, asked, other);
}

function plainRank(metric: Metric, a: Float32Array, b: Float32Array) {
  let rank = metric === 'cosine' ? 1 : 0;
  let size = 1;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    const term =
      metric === 'euclidean' ? (x - y) ** 2 : metric === 'manhattan' ? Math.abs(x - y) : -x * y;
    rank += term;
    size += Math.abs(term);
  }
  return { value: rank, tolerance: 4e-6 * size };
}

function pq4Rank(query: Uint8Array, row: Uint8Array) {
  const [bias = 0, step = 0] = new Float32Array(query.buffer, 0, 2);
  const parts = (query.length - 16) / 16;
  let sum = 0;
  for (let part = 0; part < parts; part++) {
    const code = ((row[part >> 1] as number) >> (4 * (part & 1))) & 15;
    sum += query[16 + 16 * part + code] as number;
  }
  return { value: Math.fround(bias + Math.fround(step * sum)), tolerance: 0 };
}

function rabitqRank(query: Uint8Array, row: Uint8Array, dimension: number) {
  const [own = 0, weightOfOnes = 0, weightOfSum = 0, constant = 0] = new Float32Array(
    query.buffer,
    0,
    4,
  );
  const planes = new Uint32Array(query.buffer, 16, 1)[0] as number;
  const [term = 0, factor = 0, count = 0] = new Float32Array(row.buffer, 0, 3);
  let sum = 0;
  let bits = 0;
  for (let i = 0; i < Math.ceil(dimension / 128) * 128; i++) {
    if ((((row[16 + (i >> 3)] as number) >> (i & 7)) & 1) === 0) continue;
    bits++;
    for (let plane = 0; plane < planes; plane++) {
      const at = 32 + (i >> 7) * 16 * planes + 16 * plane + ((i & 127) >> 3);
      sum += (((query[at] as number) >> (i & 7)) & 1) << plane;
    }
  }
  const terms = [weightOfOnes * bits, weightOfSum * sum, constant];
  const product = terms.reduce((total, value) => total + value, 0);
  const size = terms.reduce((total, value) => total + Math.abs(value), 0);
  const value = own + term + factor * product;
  const tolerance = 1e-6 * (1 + Math.abs(own) + factor * size);
  return { value: count === bits ? value : Number.NaN, tolerance };
}

const sumBytes = (a: Uint8Array, b: Uint8Array, term: (x: number, y: number) => number) =>
  a.reduce((sum, value, at) => sum + term(value, b[at] as number), 0);

function ones(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

function scaled(vector: Float32Array, metric: Metric): Float32Array {
  const norm = metric === 'cosine' ? Math.hypot(...vector) || 1 : 1;
  return vector.map((value) => value / norm);
}
