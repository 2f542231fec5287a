/**
 * Which id has which slot.
 *
 * Invariant: `#slotById` and `#idBySlot` are inverse to each other; every slot below `slotCount`
 * is either named or in the free list, never both.
 */
export class IdTable {
  readonly #slotById = new Map<string, number>();
  readonly #idBySlot: (string | undefined)[] = [];
  readonly #freeSlots: number[] = [];

  get size(): number {
    return this.#slotById.size;
  }

  /** Slots that were ever used: live and free ones. */
  get slotCount(): number {
    return this.#idBySlot.length;
  }

  slotOf(id: string): number | undefined {
    return this.#slotById.get(id);
  }

  idOf(slot: number): string | undefined {
    return this.#idBySlot[slot];
  }

  ids(): IterableIterator<string> {
    return this.#slotById.keys();
  }

  freeSlots(): readonly number[] {
    return this.#freeSlots;
  }

  /** Gives a slot to an id that has none. */
  add(id: string): number {
    const slot = this.#freeSlots.pop() ?? this.#idBySlot.length;
    this.#idBySlot[slot] = id;
    this.#slotById.set(id, slot);
    return slot;
  }

  /** Takes the slot of an id back. */
  remove(slot: number): void {
    const id = this.#idBySlot[slot];
    if (id === undefined) return;
    this.#slotById.delete(id);
    this.#idBySlot[slot] = undefined;
    this.#freeSlots.push(slot);
  }

  /** Fills an empty table as a stored one was: the id of every slot, null for a free one. */
  restore(ids: readonly (string | null)[], freeSlots: Int32Array): void {
    for (const [slot, id] of ids.entries()) {
      this.#idBySlot[slot] = id ?? undefined;
      if (id !== null) this.#slotById.set(id, slot);
    }
    for (const slot of freeSlots) this.#freeSlots.push(slot);
  }
}
