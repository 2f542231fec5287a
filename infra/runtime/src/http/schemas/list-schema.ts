// What several schemas of answers share.

import { z } from '@starling/shared';

/** An array that the answer only reads. */
export function listOf<T extends z.ZodType>(schema: T) {
  return z.array(schema).readonly();
}

export const count = z.int().min(0);
/** Milliseconds since 1970. */
export const timeMs = z.number().min(0);
/** Whole token units, in decimal; below zero for the issuance alone. */
export const units = z.string().regex(/^-?\d+$/);
export const micros = z.int();
