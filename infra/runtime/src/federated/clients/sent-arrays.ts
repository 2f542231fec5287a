// Which arrays one worker thread holds, as its owner keeps count of them.

import type { ArrayRecord } from '@starling/shared';

/** Arrays that a thread holds at once. */
export const HELD_ARRAYS_MAX = 16;

export interface Shipment {
  /** Numbers of arrays by name. */
  readonly arrays: Readonly<Record<string, number>>;
  readonly fresh: readonly (readonly [number, Float32Array])[];
  readonly forgotten: readonly number[];
}

interface Held {
  readonly number: number;
  readonly round: number;
}

/**
 * Invariant: the thread that gets every shipment in order holds exactly the arrays in `#held`. What was
 * sent for one round is sent again for another: a strategy may have written into it meanwhile.
 */
export class SentArrays {
  /** Least recently used first. */
  readonly #held = new Map<Float32Array, Held>();
  #next = 0;

  ship(record: ArrayRecord, round: number): Shipment {
    const arrays: Record<string, number> = {};
    const fresh: [number, Float32Array][] = [];
    const forgotten: number[] = [];
    for (const [name, array] of Object.entries(record)) {
      const known = this.#held.get(array);
      const number = known?.round === round ? known.number : this.#next++;
      if (number !== known?.number) {
        fresh.push([number, array]);
        if (known !== undefined) forgotten.push(known.number);
      }
      this.#held.delete(array);
      this.#held.set(array, { number, round });
      arrays[name] = number;
    }
    forgotten.push(...this.#forget(Object.keys(record).length));
    return { arrays, fresh, forgotten };
  }

  /** What the newest shipment needs stays, however much that is. */
  #forget(needed: number): number[] {
    const surplus = this.#held.size - Math.max(HELD_ARRAYS_MAX, needed);
    const oldest = [...this.#held].slice(0, Math.max(0, surplus));
    for (const [array] of oldest) this.#held.delete(array);
    return oldest.map(([, { number }]) => number);
  }
}
