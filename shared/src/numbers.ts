// Numbers on the wire are integers: no float is ever signed, hashed or voted on.

import { z } from 'zod';

export const MICROS = 1_000_000;

/** A non-negative safe integer. */
export const uintSchema = z.int().nonnegative();
/** A non-negative integer of at most 32 bits. */
export const uint32Schema = z.int().nonnegative().max(0xffffffff);

/**
 * A finite number in whole millionths.
 * @throws {RangeError} when it is not finite or its millionths are no safe integer.
 */
export function toMicros(value: number): number {
  const micros = Math.round(value * MICROS);
  if (!Number.isSafeInteger(micros)) throw new RangeError(`${value} has no whole millionths`);
  return micros === 0 ? 0 : micros;
}

export function fromMicros(micros: number): number {
  return micros / MICROS;
}
