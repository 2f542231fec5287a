// A Rényi differential privacy curve (Mironov 2017): one bound per integer order, held as whole
// units, so that sums are exact, in any order, and have one encoding.

import { type Checked, checked, refused } from '@starling/shared';

/** Rényi orders α of every curve: each whole number in between. */
export const ORDER_MIN = 2;
export const ORDER_MAX = 512;

const ORDERS = ORDER_MAX - ORDER_MIN + 1;
export const RDP_CURVE_BYTES = ORDERS * 8;

/**
 * From a curve to (ε, δ). `classic`: Mironov 2017, Proposition 3. `tight`: Canonne, Kamath and
 * Steinke 2020, Proposition 12, never above it.
 */
export type RdpConversion = 'classic' | 'tight';

export interface SpentEpsilon {
  /** Infinity where no order gives a bound. */
  readonly epsilon: number;
  /** The order that gives the least ε. */
  readonly order: number;
}

/** One nat in units; a bound is rounded up to whole units. */
const UNITS_PER_NAT = 2 ** 40;
const NO_BOUND = 2n ** 64n - 1n;

/** Invariant: each value is an upper bound; rounding and saturation only ever raise it. */
export class RdpCurve {
  /** Nothing was shown yet. */
  static readonly ZERO = new RdpCurve(new BigUint64Array(ORDERS));
  /** What leaves without noise: no bound at any order. */
  static readonly NO_BOUND = new RdpCurve(new BigUint64Array(ORDERS).fill(NO_BOUND));

  readonly #units: BigUint64Array;

  private constructor(units: BigUint64Array) {
    this.#units = units;
  }

  /** The curve of a bound in nats for each order; NaN and infinity stand for no bound. */
  static of(natsAt: (order: number) => number): RdpCurve {
    const units = new BigUint64Array(ORDERS);
    for (let order = ORDER_MIN; order <= ORDER_MAX; order++) {
      units[order - ORDER_MIN] = unitsOf(natsAt(order));
    }
    return new RdpCurve(units);
  }

  static fromBytes(bytes: Uint8Array): Checked<RdpCurve> {
    if (bytes.byteLength !== RDP_CURVE_BYTES) {
      return refused('wrong-dimension', `${bytes.byteLength} bytes are no curve`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const units = new BigUint64Array(ORDERS);
    return checked(new RdpCurve(units.map((_, i) => view.getBigUint64(i * 8, true))));
  }

  /** Little-endian units of 2^-40 nats, 64 bits for each order; the highest value is no bound. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(RDP_CURVE_BYTES);
    const view = new DataView(bytes.buffer);
    this.#units.forEach((units, i) => {
      view.setBigUint64(i * 8, units, true);
    });
    return bytes;
  }

  /** What both show together (Mironov 2017, Proposition 1). */
  plus(other: RdpCurve): RdpCurve {
    return new RdpCurve(
      this.#units.map((units, i) => atMostNoBound(units + (other.#units[i] ?? NO_BOUND))),
    );
  }

  /** What `count` mechanisms with this curve show together. */
  times(count: number): RdpCurve {
    if (count === 0) return RdpCurve.ZERO;
    const factor = BigInt(count);
    return new RdpCurve(
      this.#units.map((units) => (units === NO_BOUND ? units : atMostNoBound(units * factor))),
    );
  }

  /** For one mechanism that two analyses bound: the better bound of each order. */
  least(other: RdpCurve): RdpCurve {
    return new RdpCurve(
      this.#units.map((units, i) => {
        const rival = other.#units[i] ?? NO_BOUND;
        return rival < units ? rival : units;
      }),
    );
  }

  /** For one of two mechanisms, whichever it will have been: the worse bound of each order. */
  most(other: RdpCurve): RdpCurve {
    return new RdpCurve(
      this.#units.map((units, i) => {
        const rival = other.#units[i] ?? NO_BOUND;
        return rival > units ? rival : units;
      }),
    );
  }

  /** The bound of one order in nats. */
  at(order: number): number {
    const units = this.#units[order - ORDER_MIN] ?? NO_BOUND;
    return units === NO_BOUND ? Number.POSITIVE_INFINITY : Number(units) / UNITS_PER_NAT;
  }

  get isZero(): boolean {
    return this.#units.every((units) => units === 0n);
  }

  /** Whether some order has a bound. */
  get isBounded(): boolean {
    return this.#units.some((units) => units !== NO_BOUND);
  }

  /**
   * The least ε for which (ε, δ)-differential privacy follows from this curve.
   * @throws {RangeError} unless 0 < delta < 1
   */
  epsilon(delta: number, conversion: RdpConversion): SpentEpsilon {
    if (!(delta > 0 && delta < 1)) throw new RangeError(`0 < delta < 1, but delta = ${delta}`);
    // What shows nothing costs nothing, whatever a conversion makes of it.
    if (this.isZero) return { epsilon: 0, order: ORDER_MAX };
    let best: SpentEpsilon = { epsilon: Number.POSITIVE_INFINITY, order: ORDER_MAX };
    for (let order = ORDER_MIN; order <= ORDER_MAX; order++) {
      const epsilon = Math.max(0, this.at(order) + surcharge(order, delta, conversion));
      if (epsilon < best.epsilon) best = { epsilon, order };
    }
    return best;
  }
}

function surcharge(order: number, delta: number, conversion: RdpConversion): number {
  const classic = -Math.log(delta) / (order - 1);
  if (conversion === 'classic') return classic;
  return classic + Math.log1p(-1 / order) - Math.log(order) / (order - 1);
}

function unitsOf(nats: number): bigint {
  const units = Math.ceil(Math.max(0, nats) * UNITS_PER_NAT);
  return units < 2 ** 64 ? atMostNoBound(BigInt(units)) : NO_BOUND;
}

function atMostNoBound(units: bigint): bigint {
  return units < NO_BOUND ? units : NO_BOUND;
}
