/**
 * What is known of a neighbour's diversity (it is no nearer to its fellows than to the centre):
 * found before among fellows of the same verdict, found just now, or nothing.
 */
export const DIVERSE_BEFORE = 2;
export const DIVERSE_NOW = 1;
export const NOT_DIVERSE = 0;

/**
 * Slots with their distances to one centre and their verdicts, on typed arrays that are reused.
 */
export class CandidateList {
  slots = new Int32Array(64);
  distances = new Float64Array(64);
  verdicts = new Uint8Array(64);
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
    const verdicts = new Uint8Array(size);
    distances.set(this.distances);
    verdicts.set(this.verdicts);
    this.slots = slots;
    this.distances = distances;
    this.verdicts = verdicts;
  }

  append(slot: number, distance: number, verdict = NOT_DIVERSE): void {
    this.reserve(this.length + 1);
    this.slots[this.length] = slot;
    this.distances[this.length] = distance;
    this.verdicts[this.length] = verdict;
    this.length++;
  }

  /** Adds an entry behind all that are not farther; the list stays ascending. */
  insertSorted(slot: number, distance: number, verdict = NOT_DIVERSE): void {
    this.reserve(this.length + 1);
    const { distances, slots, verdicts } = this;
    let hole = this.length++;
    while (hole > 0 && (distances[hole - 1] as number) > distance) {
      distances[hole] = distances[hole - 1] as number;
      slots[hole] = slots[hole - 1] as number;
      verdicts[hole] = verdicts[hole - 1] as number;
      hole--;
    }
    distances[hole] = distance;
    slots[hole] = slot;
    verdicts[hole] = verdict;
  }

  slotAt(position: number): number {
    return this.slots[position] as number;
  }

  verdictAt(position: number): number {
    return this.verdicts[position] as number;
  }

  distanceAt(position: number): number {
    return this.distances[position] as number;
  }
}
