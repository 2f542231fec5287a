// What happens when, in a ring of short slots (a calendar queue, Brown 1988): events of one slot
// come out in the order in which they went in, so a run is the same every time.

/** Slots per millisecond: delays are rounded to an eighth of one. */
export const SLOTS_PER_MS = 8;
const RING_SLOTS = 1 << 15;
const NONE = -1;

interface FarEvent<T> {
  readonly slot: number;
  readonly target: number;
  readonly payload: T;
}

/** Invariant: `ring` holds events of the next `RING_SLOTS` slots, `far` those beyond. */
export class EventWheel<T> {
  readonly #heads = new Int32Array(RING_SLOTS).fill(NONE);
  readonly #tails = new Int32Array(RING_SLOTS).fill(NONE);
  #next = new Int32Array(1024);
  #targets = new Int32Array(1024);
  readonly #payloads: (T | undefined)[] = [];
  #free = NONE;
  #used = 0;
  #inRing = 0;
  #far: FarEvent<T>[] = [];
  #now = 0;
  /** Of the event that `pop` took last. */
  target = 0;

  get nowMs(): number {
    return this.#now / SLOTS_PER_MS;
  }

  /** Plans an event `delaySlots` from now. */
  push(delaySlots: number, target: number, payload: T): void {
    const slot = this.#now + delaySlots;
    if (delaySlots >= RING_SLOTS) this.#far.push({ slot, target, payload });
    else this.#insert(slot, target, payload);
  }

  /** The next event, its target in `target`; undefined when there is none up to `untilMs`. */
  pop(untilMs: number): T | undefined {
    const until = Math.floor(untilMs * SLOTS_PER_MS);
    while (this.#now <= until) {
      const index = this.#now & (RING_SLOTS - 1);
      const event = this.#heads[index] ?? NONE;
      if (event !== NONE) return this.#take(index, event);
      if (this.#inRing === 0 && this.#far.length === 0) return undefined;
      this.#now += 1;
      if ((this.#now & (RING_SLOTS - 1)) === 0) this.#bringNear();
    }
    return undefined;
  }

  /** Empties the wheel for another run. */
  reset(): void {
    if (this.#inRing > 0) {
      this.#heads.fill(NONE);
      this.#tails.fill(NONE);
    }
    this.#payloads.length = 0;
    this.#far = [];
    this.#free = NONE;
    this.#used = 0;
    this.#inRing = 0;
    this.#now = 0;
  }

  #take(index: number, event: number): T | undefined {
    const following = this.#next[event] ?? NONE;
    this.#heads[index] = following;
    if (following === NONE) this.#tails[index] = NONE;
    this.#next[event] = this.#free;
    this.#free = event;
    this.#inRing -= 1;
    this.target = this.#targets[event] ?? 0;
    return this.#payloads[event];
  }

  #insert(slot: number, target: number, payload: T): void {
    let event = this.#free;
    if (event === NONE) {
      event = this.#used;
      this.#used += 1;
      if (event === this.#next.length) this.#grow();
    } else this.#free = this.#next[event] ?? NONE;
    this.#next[event] = NONE;
    this.#targets[event] = target;
    this.#payloads[event] = payload;
    const index = slot & (RING_SLOTS - 1);
    const tail = this.#tails[index] ?? NONE;
    if (tail === NONE) this.#heads[index] = event;
    else this.#next[tail] = event;
    this.#tails[index] = event;
    this.#inRing += 1;
  }

  #bringNear(): void {
    const far = this.#far;
    this.#far = [];
    for (const event of far) {
      if (event.slot - this.#now >= RING_SLOTS) this.#far.push(event);
      else this.#insert(event.slot, event.target, event.payload);
    }
  }

  #grow(): void {
    const next = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    this.#next = next;
    const targets = new Int32Array(next.length);
    targets.set(this.#targets);
    this.#targets = targets;
  }
}
