// Different members, drawn at random.

import type { Xoshiro128 } from '../xoshiro.ts';

/** `count` different integers below `size`, in random order. */
export function sample(random: Xoshiro128, size: number, count: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + random.below(size - i);
    const kept = all[i] ?? 0;
    all[i] = all[j] ?? 0;
    all[j] = kept;
  }
  return all.slice(0, count);
}
