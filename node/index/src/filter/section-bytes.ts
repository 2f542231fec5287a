import { IndexError } from '../index-error.ts';
import type { ColumnSection } from './column-types.ts';
import { RowSet } from './row-set.ts';

/** The bitmap of the slots below `slotCount`, 4 bytes per 32 of them. */
export function wordBytes(rows: RowSet, slotCount: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(slotCount / 32));
  words.set(rows.words.subarray(0, words.length));
  return new Uint8Array(words.buffer);
}

export function textBytes(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(value)));
}

/** Reads sections by name; whatever does not fit is a `corrupt-file`. */
export class SectionBytes {
  readonly #sections: ReadonlyMap<string, Uint8Array>;
  readonly #prefix: string;

  constructor(sections: Iterable<ColumnSection>, prefix = '') {
    this.#sections = new Map([...sections].map(({ name, bytes }) => [name, bytes]));
    this.#prefix = prefix;
  }

  /** The same sections, under a prefix that names one column. */
  within(prefix: string): SectionBytes {
    const sections = [...this.#sections].map(([name, bytes]) => ({ name, bytes }));
    return new SectionBytes(sections, this.#prefix + prefix);
  }

  /** The slots of a bitmap, all of which lie below `slotCount`. */
  rows(name: string, slotCount: number): RowSet {
    const bytes = this.#take(name);
    const length = Math.ceil(slotCount / 32);
    this.require(bytes.byteLength === length * 4, `${name} has the wrong length`);
    const rows = RowSet.fromWords(new Uint32Array(bytes.slice().buffer));
    this.require((rows.toSlots().at(-1) ?? -1) < slotCount, `${name} holds a row too many`);
    return rows;
  }

  /** @param length - doubles that there must be */
  doubles(name: string, length: number): Float64Array<ArrayBuffer> {
    const bytes = this.#take(name);
    this.require(bytes.byteLength === length * 8, `${name} has the wrong length`);
    return new Float64Array(bytes.slice().buffer);
  }

  /** Integers of `[min, max]`; `length` of them if that is known. */
  integers(name: string, min: number, max: number, length?: number): Int32Array {
    const bytes = this.#take(name);
    const isWhole = bytes.byteLength % 4 === 0;
    const isLong = length === undefined || bytes.byteLength === length * 4;
    this.require(isWhole && isLong, `${name} has the wrong length`);
    const values = new Int32Array(bytes.slice().buffer);
    this.require(
      values.every((value) => value >= min && value <= max),
      `${name} holds a number outside [${min}, ${max}]`,
    );
    return values;
  }

  /** Whatever JSON says, still to be checked. */
  json(name: string): unknown {
    try {
      return JSON.parse(Buffer.from(this.#take(name)).toString());
    } catch (cause) {
      if (cause instanceof IndexError) throw cause;
      throw this.#corrupt(`${name} is not JSON`, cause);
    }
  }

  /** Refuses the sections unless a fact about them holds. */
  require(holds: boolean, detail: string): asserts holds {
    if (!holds) throw this.#corrupt(detail);
  }

  #take(name: string): Uint8Array {
    const bytes = this.#sections.get(this.#prefix + name);
    if (bytes === undefined) throw this.#corrupt(`${name} is missing`);
    return bytes;
  }

  #corrupt(detail: string, cause?: unknown): IndexError {
    const place = this.#prefix === '' ? 'columns' : this.#prefix;
    const message = `section ${place}: ${detail}; restore the file from a copy or another site`;
    return new IndexError('corrupt-file', message, { cause });
  }
}
