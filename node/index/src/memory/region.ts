export type RegionArray = Float32Array | Int32Array | Uint16Array | Uint32Array | Uint8Array;

export interface RegionArrayType<A extends RegionArray> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): A;
}

/** Where regions live. */
interface RegionMemory {
  readonly buffer: ArrayBuffer;
  resize(region: Region<RegionArray>, wantedBytes: number): void;
}

/** A typed array in the flat memory that can grow. */
export class Region<A extends RegionArray> {
  readonly number: number;
  /** The elements; replaced whenever any region grows, so read it afresh. */
  view: A;
  /** Byte offset in the memory; changes when the region grows. */
  address = 0;
  capacityBytes = 0;
  readonly #memory: RegionMemory;
  readonly #type: RegionArrayType<A>;

  constructor(memory: RegionMemory, number: number, type: RegionArrayType<A>) {
    this.number = number;
    this.#memory = memory;
    this.#type = type;
    this.view = new type(memory.buffer, 0, 0);
  }

  /** Makes room for `length` elements; those beyond the elements of before hold `filler`. */
  reserve(length: number, filler = 0): void {
    const before = this.view.length;
    if (length <= before) return;
    const bytes = length * this.#type.BYTES_PER_ELEMENT;
    this.#memory.resize(this as unknown as Region<RegionArray>, bytes);
    this.view.fill(filler, before);
  }

  /** Called by the memory when it has moved or resized the region. */
  place(address: number, capacityBytes: number): void {
    this.address = address;
    this.capacityBytes = capacityBytes;
    this.refresh();
  }

  /** Called by the memory when its buffer is another one. */
  refresh(): void {
    const length = Math.floor(this.capacityBytes / this.#type.BYTES_PER_ELEMENT);
    this.view = new this.#type(this.#memory.buffer, this.address, length);
  }
}
