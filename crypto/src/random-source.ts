// Where secrets come from. Tests and the simulator pass a seeded source.

import { randomFillSync } from 'node:crypto';

/** So many bytes that nobody can foretell, in a fresh array. */
export type RandomSource = (bytes: number) => Uint8Array;

/** The random generator of the operating system. */
export const systemRandom: RandomSource = (bytes) => randomFillSync(new Uint8Array(bytes));
