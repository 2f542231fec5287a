// FNV-1a over UTF-16 units, then the last steps of MurmurHash3, which spread to the high bits.

/** The hash of no units. */
export const HASH_START = 0x811c9dc5 | 0;

export function hashOf(id: string): number {
  let hash = HASH_START;
  for (let i = 0; i < id.length; i++) hash = mixed(hash, id.charCodeAt(i));
  return finished(hash);
}

/** The hash with one more unit. */
export function mixed(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** The hash of all units, in [0, 2³²). */
export function finished(hash: number): number {
  let word = hash;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
