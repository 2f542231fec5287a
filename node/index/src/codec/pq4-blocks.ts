// Rows of pq4 in blocks of 32, as the fast scan reads them: part by part 16 bytes, whose byte i
// holds row i in its low half and row 16 + i in its high half.

import { type Pq4Codec, pq4Code } from './pq4-codec.ts';

export const PQ4_BLOCK_ROWS = 32;

/** Bytes of one block. */
export function pq4BlockBytes({ parts }: Pq4Codec): number {
  return parts * 16;
}

/**
 * Writes a row into its place in a block.
 *
 * @param block - `[pq4BlockBytes]`
 * @param position - below 32
 * @param row - `[rowBytes]`, as `encode` writes it
 */
export function putPq4Row(
  codec: Pq4Codec,
  block: Uint8Array,
  position: number,
  row: Uint8Array,
): void {
  const isHigh = position >= 16;
  for (let part = 0; part < codec.parts; part++) {
    const at = part * 16 + (position & 15);
    const held = block[at] as number;
    const code = pq4Code(row, part);
    block[at] = isHigh ? (held & 0x0f) | (code << 4) : (held & 0xf0) | code;
  }
}
