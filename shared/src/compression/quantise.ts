// Whole numbers of few bits with a scale for each block: x ≈ scale · code, |code| ≤ top.

export type Rounding = 'nearest' | 'stochastic';

export interface Quantisation {
  /** `[ceil(values / blockSize)]`. */
  readonly scales: Float32Array;
  readonly blockSize: number;
  /** The largest code, 127 or 7; the smallest is its opposite. */
  readonly top: number;
  readonly rounding: Rounding;
  readonly seed: number;
}

export const FLOAT32_MAX = 2 ** 128 - 2 ** 104;

/** The largest magnitude of every block over `top`; `top` times it is a float32. */
export function scalesOf(values: Float32Array, blockSize: number, top: number): Float32Array {
  const scales = new Float32Array(Math.ceil(values.length / blockSize));
  for (let block = 0; block < scales.length; block++) {
    const end = Math.min(values.length, (block + 1) * blockSize);
    let largest = 0;
    for (let i = block * blockSize; i < end; i++) {
      const magnitude = Math.abs(values[i] as number);
      if (magnitude > largest) largest = magnitude;
    }
    const scale = Math.fround(largest / top);
    scales[block] = scale * top > FLOAT32_MAX ? scale * (1 - 2 ** -23) : scale;
  }
  return scales;
}

/** The codes, `[values]`; zeros where the scale is 0. */
export function quantise(values: Float32Array, quantisation: Quantisation): Int8Array {
  const { scales, blockSize, top, rounding, seed } = quantisation;
  const codes = new Int8Array(values.length);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block] as number;
    if (scale === 0) continue;
    const inverse = 1 / scale;
    const from = block * blockSize;
    const to = Math.min(values.length, from + blockSize);
    if (rounding === 'nearest') roundNearest(values, codes, from, to, inverse, top);
    else roundStochastically(values, codes, from, to, inverse, top, seed);
  }
  return codes;
}

function roundNearest(
  values: Float32Array,
  codes: Int8Array,
  from: number,
  to: number,
  inverse: number,
  top: number,
): void {
  for (let i = from; i < to; i++) {
    const code = Math.floor((values[i] as number) * inverse + 0.5);
    codes[i] = Math.max(-top, Math.min(top, code));
  }
}

/** Up with the probability of the part above the lower code, so that the mean is the value. */
function roundStochastically(
  values: Float32Array,
  codes: Int8Array,
  from: number,
  to: number,
  inverse: number,
  top: number,
  seed: number,
): void {
  for (let i = from; i < to; i++) {
    const uniform = (hash32(seed, i) >>> 8) * 2 ** -24;
    const code = Math.floor((values[i] as number) * inverse + uniform);
    codes[i] = Math.max(-top, Math.min(top, code));
  }
}

/** A word for each seed and place: MurmurHash3's finaliser (Appleby 2011) over a Weyl sequence. */
function hash32(seed: number, place: number): number {
  let h = (seed ^ Math.imul(place + 1, 0x9e37_79b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  h ^= Math.imul(seed, 0x27d4_eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
