// Randomness that one number names, for tests, simulations and benchmarks. Never for secrets.

import { Keystream } from './keystream.ts';
import type { RandomSource } from './random-source.ts';

/** The same bytes for the same seed, in any chunks. */
export function seededSource(seed: number): RandomSource {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setFloat64(0, seed, true);
  const stream = new Keystream(key);
  return (bytes) => {
    const drawn = new Uint8Array(bytes);
    stream.fill(drawn);
    return drawn;
  };
}
