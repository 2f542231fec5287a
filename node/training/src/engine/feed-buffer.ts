// Rows of feeds that arrive in pieces, gathered up to a capacity.

import assert from 'node:assert/strict';
import { elementsOf } from '../graph/graph.ts';
import { type Feeds, sliceRows } from './feeds.ts';
import type { Feed, Values } from './session.ts';

export class FeedBuffer {
  readonly capacity: number;
  #rows = 0;
  #feeds: Feeds | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get rows(): number {
    return this.#rows;
  }

  get isFull(): boolean {
    return this.#rows === this.capacity;
  }

  /** The rows gathered so far; no copies. */
  get feeds(): Feeds {
    return this.#feeds === undefined ? {} : sliceRows(this.#feeds, 0, this.#rows);
  }

  clear(): void {
    this.#rows = 0;
  }

  /** Appends rows `from` … of `feeds` as far as there is room; returns where it stopped. */
  append(feeds: Feeds, from: number, rows: number): number {
    const to = Math.min(rows, from + this.capacity - this.#rows);
    const room = this.#room(feeds);
    for (const [name, part] of Object.entries(sliceRows(feeds, from, to))) {
      const { data, dims } = room[name] as Feed;
      copy(part.data, data, this.#rows * elementsOf(dims.slice(1)));
    }
    this.#rows += to - from;
    return to;
  }

  /** Appends the given rows of `feeds`. */
  appendRows(feeds: Feeds, rows: Int32Array): void {
    for (const row of rows) this.append(feeds, row, row + 1);
  }

  #room(like: Feeds): Feeds {
    this.#feeds ??= Object.fromEntries(
      Object.entries(like).map(([name, { type, dims, data }]) => {
        const all = [this.capacity, ...dims.slice(1)];
        return [name, { type, dims: all, data: emptyLike(data, elementsOf(all)) }];
      }),
    );
    return this.#feeds;
  }
}

function emptyLike(values: Values, length: number): Values {
  if (values instanceof Float32Array) return new Float32Array(length);
  if (values instanceof Float64Array) return new Float64Array(length);
  if (values instanceof Int32Array) return new Int32Array(length);
  return new BigInt64Array(length);
}

function copy(from: Values, to: Values, offset: number): void {
  if (from instanceof BigInt64Array) {
    assert(to instanceof BigInt64Array, 'all pieces have the same types');
    to.set(from, offset);
  } else {
    assert(!(to instanceof BigInt64Array), 'all pieces have the same types');
    to.set(from, offset);
  }
}
