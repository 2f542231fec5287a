/** Remembers which slots one search has seen; starting the next search costs one increment. */
export class VisitedMarks {
  #marks = new Uint32Array(0);
  #epoch = 0;

  /** Forgets everything and makes room for `slotCount` slots. */
  start(slotCount: number): void {
    if (this.#marks.length < slotCount) {
      this.#marks = new Uint32Array(Math.max(slotCount, this.#marks.length * 2));
      this.#epoch = 0;
    }
    if (this.#epoch === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#epoch = 0;
    }
    this.#epoch++;
  }

  /** Marks a slot and says whether this was its first visit. */
  visit(slot: number): boolean {
    if (this.#marks[slot] === this.#epoch) return false;
    this.#marks[slot] = this.#epoch;
    return true;
  }
}
