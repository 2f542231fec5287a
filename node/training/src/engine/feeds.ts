// Named arrays that go into a graph and come out of it, and slices of them along their first axis.

import assert from 'node:assert/strict';
import { elementsOf } from '../graph/graph.ts';
import type { Feed, Values } from './session.ts';

export type Feeds = Readonly<Record<string, Feed>>;

export function float32Feed(data: Float32Array, dims: readonly number[]): Feed {
  return { type: 'float32', dims, data };
}

export function int64Feed(data: BigInt64Array, dims: readonly number[]): Feed {
  return { type: 'int64', dims, data };
}

/** Rows `from` … `to` − 1 of every feed; no copies. */
export function sliceRows(feeds: Feeds, from: number, to: number): Feeds {
  const sliced = Object.entries(feeds).map(([name, { type, dims, data }]) => {
    const [rows = 0, ...rest] = dims;
    assert(to <= rows, `${name} has ${rows} rows, not ${to}`);
    const width = elementsOf(rest);
    const part = data.subarray(from * width, to * width);
    return [name, { type, dims: [to - from, ...rest], data: part }];
  });
  return Object.fromEntries(sliced);
}

/** One after another, in one new array. */
export function joined(parts: readonly Values[]): Float32Array {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Float32Array(total);
  let offset = 0;
  for (const part of parts) {
    assert(part instanceof Float32Array, 'what a run gathers is float32');
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
