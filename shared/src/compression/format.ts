// A compressed update, little-endian: 16 bytes of header (SCU0, version, kind of values, 1 for top-k,
// log2 of the block size or 0, elements, values), then for top-k each place as its varint distance
// beyond the one before, then for int8 and int4 a float32 scale for each block, then the values.

/** How single values are written. */
export const KINDS = ['float32', 'fp16', 'int8', 'int4'] as const;

export type ValueKind = (typeof KINDS)[number];

/** The letters SCU: Starling's compressed update. */
export const MAGIC = Uint8Array.of(0x53, 0x43, 0x55, 0);
export const VERSION = 1;
export const HEADER_BYTES = 16;

/** Bytes of the scales and values of `count` values. */
export function valueBytes(kind: ValueKind, count: number, blockSize: number): number {
  if (kind === 'float32') return 4 * count;
  if (kind === 'fp16') return 2 * count;
  const scales = 4 * Math.ceil(count / blockSize);
  return scales + (kind === 'int8' ? count : Math.ceil(count / 2));
}

/** The array of a train reply that carries a compressed update in place of `model`. */
export const UPDATE_ARRAY = 'model-update';
