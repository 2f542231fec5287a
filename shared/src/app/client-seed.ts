// The seed of one node's work in one round, from the seed of the run: whoever knows the three can
// repeat the work.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * FNV-1a over the node's name, mixed with run and round by MurmurHash3's finaliser: a whole number
 * below 2^32, the same on every machine.
 */
export function clientSeed(runSeed: number, round: number, node: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(node)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return mixed(mixed(mixed(runSeed | 0) ^ round) ^ hash) >>> 0;
}

function mixed(value: number): number {
  let h = (value + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
