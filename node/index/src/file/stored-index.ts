import { IndexError } from '../index-error.ts';
import { corrupt } from './section-file.ts';

/**
 * A saved index whose checksums hold. A checksum says that the bytes are those that were written,
 * not that they make sense, so every field is still read with a check.
 */
export class StoredIndex {
  readonly path: string;
  /** The version of the format that the file has. */
  readonly version: number;
  readonly #head: Readonly<Record<string, unknown>>;
  readonly #sections: ReadonlyMap<string, Uint8Array>;

  constructor(
    path: string,
    version: number,
    head: Readonly<Record<string, unknown>>,
    sections: ReadonlyMap<string, Uint8Array>,
  ) {
    this.path = path;
    this.version = version;
    this.#head = head;
    this.#sections = sections;
  }

  text(field: string): string {
    const value = this.#head[field];
    if (typeof value !== 'string') throw this.#nonsense(`${field} is not a text`);
    return value;
  }

  /** The vector type; files of float32 do not name it. */
  vectorType(): string {
    return this.#head['vectorType'] === undefined ? 'f32' : this.text('vectorType');
  }

  integer(field: string): number {
    const value = this.#head[field];
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw this.#nonsense(`${field} is not an integer`);
    }
    return value;
  }

  /** A field that only some files have: a number or a truth value; undefined where it is missing. */
  optional(field: string, type: 'number'): number | undefined;
  optional(field: string, type: 'boolean'): boolean | undefined;
  optional(field: string, type: 'number' | 'boolean'): unknown {
    const value = this.#head[field];
    if (value === undefined || typeof value === type) return value;
    throw this.#nonsense(`${field} is no ${type}`);
  }

  integers(field: string): readonly number[] {
    const value = this.#head[field];
    if (!Array.isArray(value) || !value.every((entry) => Number.isInteger(entry))) {
      throw this.#nonsense(`${field} is not a list of integers`);
    }
    return value;
  }

  hasSection(name: string): boolean {
    return this.#sections.has(name);
  }

  float32Section(name: string): Float32Array {
    const { buffer, byteLength, byteOffset } = this.#section(name, 4);
    return new Float32Array(buffer, byteOffset, byteLength / 4);
  }

  uint8Section(name: string): Uint8Array {
    return this.#section(name, 1);
  }

  /** Integers, each of which must lie in `[min, max]`. */
  int32Section(name: string, min: number, max: number): Int32Array {
    const { buffer, byteLength, byteOffset } = this.#section(name, 4);
    const values = new Int32Array(buffer, byteOffset, byteLength / 4);
    for (const value of values) {
      if (value < min || value > max) {
        throw this.#nonsense(`section ${name} holds ${value}, outside [${min}, ${max}]`);
      }
    }
    return values;
  }

  /** The id of every slot, null for a free one; as version 1 wrote them. */
  idSection(name: string): readonly (string | null)[] {
    const parsed: unknown = JSON.parse(Buffer.from(this.#section(name, 1)).toString());
    const isId = (id: unknown) => id === null || typeof id === 'string';
    if (!Array.isArray(parsed) || !parsed.every(isId)) {
      throw this.#nonsense(`section ${name} is not a list of ids`);
    }
    return parsed;
  }

  /** Refuses the file unless a fact about it holds. */
  require(holds: boolean, detail: string): void {
    if (!holds) throw this.#nonsense(detail);
  }

  /** Runs a decoder and turns whatever it trips over into a `corrupt-file`. */
  decode<T>(decoder: (stored: StoredIndex) => T): T {
    try {
      return decoder(this);
    } catch (cause) {
      if (cause instanceof IndexError && cause.code === 'corrupt-file') throw cause;
      throw corrupt(this.path, 'its content does not fit together', cause);
    }
  }

  #section(name: string, elementBytes: number): Uint8Array {
    const bytes = this.#sections.get(name);
    if (bytes === undefined) throw this.#nonsense(`section ${name} is missing`);
    if (bytes.byteLength % elementBytes !== 0) throw this.#nonsense(`section ${name} is cut`);
    return bytes;
  }

  #nonsense(detail: string): IndexError {
    return corrupt(this.path, detail);
  }
}
