// Protocol Buffers wire format, the part that ONNX needs: varints, 32-bit floats, length-delimited.

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Appends fields to one message; a nested message is a writer of its own. */
export class ProtobufWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** int32, int64 and enum fields; negative values take ten bytes, as the format wants. */
  int(field: number, value: number | bigint): this {
    this.#key(field, VARINT);
    return this.#varint(BigInt.asUintN(64, BigInt(value)));
  }

  float(field: number, value: number): this {
    this.#key(field, FIXED32);
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, LENGTH_DELIMITED);
    this.#varint(BigInt(value.length));
    return this.raw(value);
  }

  /** A field that is encoded already, with its key. */
  raw(field: Uint8Array): this {
    this.#reserve(field.length);
    this.#bytes.set(field, this.#length);
    this.#length += field.length;
    return this;
  }

  message(field: number, write: (message: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    return this.bytes(field, nested.finish());
  }

  /** The message written so far. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #key(field: number, wireType: number): void {
    this.#varint(BigInt(field * 8 + wireType));
  }

  #varint(value: bigint): this {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
    return this;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
