// Protocol Buffers wire format, read strictly: what a lenient parser would skip, merge or guess is
// refused, so that nobody reads the same bytes otherwise.

import { TrainingError } from '../training-error.ts';

export type WireValue =
  | { readonly wire: 'varint'; readonly value: bigint }
  | { readonly wire: 'fixed32' | 'fixed64' | 'bytes'; readonly value: Uint8Array };

export interface ProtobufField {
  readonly number: number;
  readonly content: WireValue;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Where its content begins in the file. */
  readonly contentOffset: number;
  /** Key and content as they stand. */
  readonly raw: Uint8Array;
}

/** How many fields and numbers may still be read: a few bytes of a file become an object here. */
export interface FieldBudget {
  left: number;
}

const WIRES: readonly (WireValue['wire'] | undefined)[] = [
  'varint',
  'fixed64',
  'bytes',
  undefined,
  undefined,
  'fixed32',
];
const FIXED_BYTES = { fixed32: 4, fixed64: 8 };
const VARINT_BYTES_MAX = 10;

/**
 * The fields of one message, in their order.
 *
 * @param what - the file, for refusals
 * @param base - where the message begins in it
 * @throws TrainingError `corrupt-file` or `limit-exceeded`, naming file and byte
 */
export function protobufFields(
  message: Uint8Array,
  what: string,
  base: number,
  budget: FieldBudget,
): ProtobufField[] {
  const reader = new Reader(message, what, base, budget);
  const fields: ProtobufField[] = [];
  while (!reader.isAtEnd) fields.push(reader.field());
  return fields;
}

/** The numbers of a repeated field: one by one, or packed. */
export function packedVarints(
  content: WireValue,
  what: string,
  base: number,
  budget: FieldBudget,
): bigint[] {
  if (content.wire === 'varint') return [content.value];
  const reader = new Reader(content.value, what, base, budget);
  const values: bigint[] = [];
  while (!reader.isAtEnd) {
    reader.spend();
    values.push(reader.varint());
  }
  return values;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #base: number;
  readonly #budget: FieldBudget;
  #at = 0;

  constructor(bytes: Uint8Array, what: string, base: number, budget: FieldBudget) {
    this.#bytes = bytes;
    this.#what = what;
    this.#base = base;
    this.#budget = budget;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  spend(): void {
    this.#budget.left--;
    if (this.#budget.left >= 0) return;
    const message = `${this.#what}, byte ${this.#base + this.#at}: more fields than can be read`;
    throw new TrainingError('limit-exceeded', message);
  }

  field(): ProtobufField {
    this.spend();
    const start = this.#at;
    const offset = this.#base + start;
    const key = this.varint();
    const wire = WIRES[Number(key & 7n)];
    const number = Number(key >> 3n);
    if (wire === undefined || number < 1 || number >= 2 ** 29) {
      throw this.#corrupt(start, `key ${key} is that of no field`);
    }
    const length = wire === 'bytes' ? this.#length() : undefined;
    const contentOffset = this.#base + this.#at;
    const content: WireValue =
      wire === 'varint'
        ? { wire, value: this.varint() }
        : { wire, value: this.#take(wire === 'bytes' ? (length ?? 0) : FIXED_BYTES[wire]) };
    return { number, content, offset, contentOffset, raw: this.#bytes.subarray(start, this.#at) };
  }

  varint(): bigint {
    const start = this.#at;
    let value = 0n;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.#corrupt(start, 'the file ends within a number');
      this.#at++;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        if (value < 2n ** 64n) return value;
        break;
      }
    }
    throw this.#corrupt(start, 'a number has more than 64 bits');
  }

  #length(): number {
    const start = this.#at;
    const length = this.varint();
    const left = this.#bytes.length - this.#at;
    if (length <= BigInt(left)) return Number(length);
    throw this.#corrupt(start, `${length} bytes are announced, ${left} are left`);
  }

  #take(bytes: number): Uint8Array {
    if (this.#at + bytes > this.#bytes.length) {
      throw this.#corrupt(this.#at, `${bytes} bytes are needed, the message ends before`);
    }
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  #corrupt(at: number, what: string): TrainingError {
    return new TrainingError('corrupt-file', `${this.#what}, byte ${this.#base + at}: ${what}`);
  }
}
