// Which elements are largest, by counting: the bits of magnitudes order like the magnitudes.

const HIGH_VALUES = 1 << 15;
const LOW_VALUES = 1 << 16;

/** The ascending places of the `count` largest magnitudes; of equal ones the earlier places. */
export function largestPlaces(values: Float32Array, count: number): Uint32Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const high = new Uint32Array(HIGH_VALUES);
  for (let i = 0; i < words.length; i++) {
    const bucket = ((words[i] as number) & 0x7fff_ffff) >>> 16;
    high[bucket] = (high[bucket] as number) + 1;
  }
  const top = crossing(high, count);
  const low = new Uint32Array(LOW_VALUES);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    if ((word & 0x7fff_ffff) >>> 16 !== top.bucket) continue;
    const bucket = word & 0xffff;
    low[bucket] = (low[bucket] as number) + 1;
  }
  const bottom = crossing(low, count - top.above);
  const threshold = ((top.bucket << 16) | bottom.bucket) >>> 0;
  let equalLeft = count - top.above - bottom.above;
  const places = new Uint32Array(count);
  let filled = 0;
  for (let i = 0; i < words.length && filled < count; i++) {
    const magnitude = (words[i] as number) & 0x7fff_ffff;
    if (magnitude < threshold) continue;
    if (magnitude === threshold) {
      if (equalLeft === 0) continue;
      equalLeft -= 1;
    }
    places[filled++] = i;
  }
  return places;
}

/** The bucket, from the top, in which the `count`-th element lies, and how many lie above it. */
function crossing(
  counts: Uint32Array,
  count: number,
): { readonly bucket: number; readonly above: number } {
  let above = 0;
  for (let bucket = counts.length - 1; bucket > 0; bucket--) {
    const here = counts[bucket] as number;
    if (above + here >= count) return { bucket, above };
    above += here;
  }
  return { bucket: 0, above };
}
