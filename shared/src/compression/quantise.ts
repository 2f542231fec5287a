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
    const from = block * blockSize;
    const largest = largestMagnitude(values, from, Math.min(values.length, from + blockSize));
    const scale = Math.fround(largest / top);
    scales[block] = scale * top > FLOAT32_MAX ? scale * (1 - 2 ** -23) : scale;
  }
  return scales;
}

function largestMagnitude(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/**
 * The codes, `[values]`; zeros where the scale is 0. Stochastic rounding goes up with the probability
 * of the part above the lower code, so that the mean is the value.
 */
export function quantise(values: Float32Array, quantisation: Quantisation): Int8Array {
  const { scales, blockSize, top, rounding, seed } = quantisation;
  const codes = new Int8Array(values.length);
  for (let i = 0; i < codes.length; i++) {
    const scale = scales[Math.floor(i / blockSize)] as number;
    if (scale === 0) continue;
    const added = rounding === 'nearest' ? 0.5 : (hash32(seed, i) >>> 8) * 2 ** -24;
    const code = Math.floor((values[i] as number) / scale + added);
    codes[i] = Math.max(-top, Math.min(top, code));
  }
  return codes;
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
