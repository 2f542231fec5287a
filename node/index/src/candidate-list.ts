/** Slots with their distances to one centre, on typed arrays that are reused. */
export class CandidateList {
  slots = new Int32Array(64);
  distances = new Float64Array(64);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `capacity` entries. */
  reserve(capacity: number): void {
    if (capacity <= this.slots.length) return;
    const size = Math.max(capacity, this.slots.length * 2);
    const slots = new Int32Array(size);
    const distances = new Float64Array(size);
    slots.set(this.slots);
    distances.set(this.distances);
    this.slots = slots;
    this.distances = distances;
  }

  append(slot: number, distance: number): void {
    this.reserve(this.length + 1);
    this.slots[this.length] = slot;
    this.distances[this.length] = distance;
    this.length++;
  }

  /** Adds an entry behind all that are not farther; the list stays ascending. */
  insertSorted(slot: number, distance: number): void {
    this.reserve(this.length + 1);
    const { slots, distances } = this;
    let hole = this.length++;
    while (hole > 0 && (distances[hole - 1] as number) > distance) {
      distances[hole] = distances[hole - 1] as number;
      slots[hole] = slots[hole - 1] as number;
      hole--;
    }
    distances[hole] = distance;
    slots[hole] = slot;
  }

  slotAt(position: number): number {
    return this.slots[position] as number;
  }

  distanceAt(position: number): number {
    return this.distances[position] as number;
  }
}
