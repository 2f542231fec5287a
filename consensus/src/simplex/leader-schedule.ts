// Who leads which view: a pseudo-random permutation of the members, drawn anew every n views, so that
// every member leads once in n views and no fixed stride meets the same silent leaders again.

/**
 * Leaders by view. Views 1 to n follow the first permutation, n + 1 to 2n the second, and so on:
 * Fisher–Yates over splitmix32 draws, seeded by the instance's seed and the permutation's number.
 */
export class LeaderSchedule {
  readonly #members: number;
  readonly #seed: number;
  /** An even and an odd turn, so that neighbouring views do not displace each other. */
  readonly #drawn: { turn: number; readonly order: Uint16Array }[];

  constructor(members: number, seed: Uint8Array | number) {
    this.#members = members;
    this.#seed = typeof seed === 'number' ? mix(seed >>> 0) : foldBytes(seed);
    this.#drawn = [0, 1].map(() => ({ turn: -1, order: new Uint16Array(members) }));
  }

  /** Index of the member that leads `view`, a positive integer. */
  leaderOf(view: number): number {
    const turn = Math.floor((view - 1) / this.#members);
    const drawn = this.#drawn[turn % 2];
    if (drawn === undefined) return 0;
    if (drawn.turn !== turn) {
      this.#permute(drawn.order, turn);
      drawn.turn = turn;
    }
    return drawn.order[(view - 1) % this.#members] ?? 0;
  }

  #permute(order: Uint16Array, turn: number): void {
    for (let i = 0; i < order.length; i++) order[i] = i;
    let state = mix(this.#seed ^ mix(turn >>> 0) ^ Math.floor(turn / 2 ** 32));
    for (let i = order.length - 1; i > 0; i--) {
      state = (state + 0x9e3779b9) >>> 0;
      const j = Math.floor((mix(state) / 2 ** 32) * (i + 1));
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
  }
}

function foldBytes(bytes: Uint8Array): number {
  let state = mix(bytes.length);
  for (const byte of bytes) state = mix((state ^ byte) >>> 0);
  return state;
}

/** The output function of splitmix32. */
function mix(value: number): number {
  let z = (value + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
