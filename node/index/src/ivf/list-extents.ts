/** Rows of a list that go to a new place. */
export interface ListMove {
  readonly list: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly capacity: number;
}

/** Moves that make room, and where the last extent ends after them. */
export interface ListMoves {
  readonly steps: readonly ListMove[];
  readonly end: number;
}

/** Places that a list gets when it first gets any. */
const CAPACITY_MIN = 4;

/**
 * Which positions each list has. A list that is full moves behind all others with half as much
 * room again; what it leaves is spare until everything is packed anew.
 *
 * Invariant: extents are disjoint and end at or before `end`; no list is longer than its extent.
 */
export class ListExtents {
  readonly lists: number;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #capacities: Int32Array;
  #end = 0;
  #left = 0;

  constructor(lists: number) {
    this.lists = lists;
    this.#starts = new Int32Array(lists);
    this.#lengths = new Int32Array(lists);
    this.#capacities = new Int32Array(lists);
  }

  /** Whether more than half of all places were left behind by lists that moved. */
  get isScattered(): boolean {
    return this.#left * 2 > this.#end;
  }

  startOf(list: number): number {
    return this.#starts[list] as number;
  }

  lengthOf(list: number): number {
    return this.#lengths[list] as number;
  }

  /** The moves that make room for so many more rows by list; nothing changes yet. */
  plan(added: Int32Array): ListMoves {
    const steps: ListMove[] = [];
    let end = this.#end;
    for (let list = 0; list < this.lists; list++) {
      const length = this.lengthOf(list);
      const wanted = length + (added[list] as number);
      const before = this.#capacities[list] as number;
      if (wanted <= before) continue;
      const capacity = before === 0 ? wanted : Math.max(wanted, CAPACITY_MIN, before * 1.5) | 0;
      steps.push({ list, from: this.startOf(list), to: end, length, capacity });
      end += capacity;
    }
    return { steps, end };
  }

  accept({ end, steps }: ListMoves): void {
    for (const { capacity, list, to } of steps) {
      this.#left += this.#capacities[list] as number;
      this.#starts[list] = to;
      this.#capacities[list] = capacity;
    }
    this.#end = end;
  }

  /** Makes a list one longer and returns the position of its new row. */
  append(list: number): number {
    const length = this.lengthOf(list);
    this.#lengths[list] = length + 1;
    return this.startOf(list) + length;
  }

  /** Makes a list one shorter and returns the position that it gives up. */
  removeLast(list: number): number {
    const length = this.lengthOf(list) - 1;
    this.#lengths[list] = length;
    return this.startOf(list) + length;
  }
}
