import type { LinearMemory } from './kernel.ts';
import type { Layout } from './memory-layout.ts';
import {
  ACCEPT,
  DISTANCES,
  EXACT_QUERY,
  EXPANDED,
  FOUND,
  LINKS_READ,
  POOL,
  QUERY,
  SCRATCH_HEAD_BYTES,
  SLOT_MASK,
} from './memory-map.ts';

/** The working memory of one thread, as that thread's TypeScript side reads and writes it. */
export class Scratch {
  readonly address: number;
  readonly head: Int32Array;
  /** The query as it is compared with rows. */
  readonly query: Uint8Array;
  /** The query as it is compared with exact rows beside codes. */
  readonly exactQuery: Uint8Array;
  readonly #found: Uint32Array;
  readonly #accept: Uint32Array;
  readonly #trace: Int32Array;

  constructor(memory: LinearMemory, layout: Layout, address: number) {
    const { buffer } = memory;
    this.address = address;
    this.head = new Int32Array(buffer, address, SCRATCH_HEAD_BYTES / 4);
    for (const region of layout.regions) this.head[region.word] = region.address;
    const bytesOf = new Map(layout.regions.map(({ word, bytes }) => [word, bytes]));
    const part = (word: number): [number, number] => {
      return [this.head[word] as number, bytesOf.get(word) ?? 0];
    };
    const words = (word: number): [number, number] => {
      const [start, bytes] = part(word);
      return [start >>> 0, bytes / 4];
    };
    const bytesAt = (word: number): Uint8Array => {
      const [start, bytes] = part(word);
      return new Uint8Array(buffer, start >>> 0, bytes);
    };
    this.query = bytesAt(QUERY);
    this.exactQuery = bytesAt(EXACT_QUERY);
    this.#found = new Uint32Array(buffer, ...words(FOUND));
    this.#accept = new Uint32Array(buffer, ...words(ACCEPT));
    this.#trace = new Int32Array(buffer, ...words(POOL));
  }

  /** Slots that a trace has room for. */
  get traceMax(): number {
    return this.#trace.length;
  }

  get distances(): number {
    return this.head[DISTANCES] as number;
  }

  get expanded(): number {
    return this.head[EXPANDED] as number;
  }

  get linksRead(): number {
    return this.head[LINKS_READ] as number;
  }

  clearDistances(): void {
    this.head[DISTANCES] = 0;
  }

  foundSlot(position: number): number {
    return (this.#found[2 * position] as number) & SLOT_MASK;
  }

  foundKey(position: number): number {
    return this.#found[2 * position + 1] as number;
  }

  /** The first expanded slots of the last traced search. */
  traced(): number[] {
    return [...this.#trace.subarray(0, Math.min(this.expanded, this.traceMax))];
  }

  /** Sets which slots a filtered search may return; slots beyond the words may not be. */
  setAccept(words: Uint32Array): void {
    const count = Math.min(words.length, this.#accept.length);
    this.#accept.set(words.subarray(0, count));
    this.#accept.fill(0, count);
  }
}
