// Contents that compress badly and follow from a name: SHAKE-256 of it.

import { createHash } from 'node:crypto';

export function seededBytes(length: number, name: string): Uint8Array {
  return createHash('shake256', { outputLength: length }).update(name).digest();
}
