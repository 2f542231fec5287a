// A member's update in a simulation: it follows from a number, and is made when it is asked for.

import {
  encodeUpdate,
  type FixedPoint,
  type LocalStatistics,
  seededSource,
} from '@starling/crypto';

export class SimulatedUpdate {
  readonly #seed: number;
  readonly #numbers: FixedPoint;
  #words: Uint32Array | undefined;

  constructor(seed: number, numbers: FixedPoint) {
    this.#seed = seed;
    this.#numbers = numbers;
  }

  /** As ring elements, before it is masked; kept from here on. */
  get words(): Uint32Array {
    this.#words ??= this.encoded();
    return this.#words;
  }

  /** As ring elements. */
  encoded(): Uint32Array {
    const { examples: weight, ...losses } = this.statistics;
    const { numbers, rounding } = { numbers: this.#numbers, rounding: this.rounding };
    return encodeUpdate(this.coordinates(), { weight, ...losses }, numbers, rounding).words;
  }

  /** `[elements]`, between -2 and 2: some are clipped. */
  coordinates(): Float32Array {
    const drawn = new DataView(seededSource(this.#seed)(4 * this.#numbers.elements).buffer);
    return Float32Array.from({ length: this.#numbers.elements }, (_, i) => {
      return drawn.getInt32(4 * i) / 2 ** 30;
    });
  }

  get statistics(): LocalStatistics {
    return { examples: 1 + (this.#seed % this.#numbers.weightMax), lossFirst: 2, lossLast: 1 };
  }

  /** What rounding draws: with the same draws the same elements come out. */
  get rounding(): (bytes: number) => Uint8Array {
    return seededSource(this.#seed + 0.5);
  }
}
