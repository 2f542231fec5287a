/**
 * A binary min-heap of (key, slot) on typed arrays; negate the keys for a max-heap. Nothing is
 * allocated per entry, the arrays double when full.
 */
export class DistanceHeap {
  #keys = new Float64Array(64);
  #slots = new Int32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#keys.byteLength + this.#slots.byteLength;
  }

  /** The smallest key; `Infinity` when empty. */
  topKey(): number {
    return this.#length > 0 ? (this.#keys[0] as number) : Number.POSITIVE_INFINITY;
  }

  /** The slot under the smallest key; -1 when empty. */
  topSlot(): number {
    return this.#length > 0 ? (this.#slots[0] as number) : -1;
  }

  clear(): void {
    this.#length = 0;
  }

  push(key: number, slot: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    const keys = this.#keys;
    const slots = this.#slots;
    let hole = this.#length++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const parentKey = keys[parent] as number;
      if (parentKey <= key) break;
      keys[hole] = parentKey;
      slots[hole] = slots[parent] as number;
      hole = parent;
    }
    keys[hole] = key;
    slots[hole] = slot;
  }

  /** Removes the entry with the smallest key. */
  pop(): void {
    if (this.#length === 0) return;
    this.#length--;
    this.#sinkFromTop(this.#keys[this.#length] as number, this.#slots[this.#length] as number);
  }

  /** Removes the entry with the smallest key and adds another in one pass. */
  replaceTop(key: number, slot: number): void {
    this.#sinkFromTop(key, slot);
  }

  #sinkFromTop(key: number, slot: number): void {
    const keys = this.#keys;
    const slots = this.#slots;
    const length = this.#length;
    let hole = 0;
    for (let child = 1; child < length; child = 2 * hole + 1) {
      if (child + 1 < length && (keys[child + 1] as number) < (keys[child] as number)) child++;
      const childKey = keys[child] as number;
      if (childKey >= key) break;
      keys[hole] = childKey;
      slots[hole] = slots[child] as number;
      hole = child;
    }
    keys[hole] = key;
    slots[hole] = slot;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    const slots = new Int32Array(this.#slots.length * 2);
    keys.set(this.#keys);
    slots.set(this.#slots);
    this.#keys = keys;
    this.#slots = slots;
  }
}
