// Names and lists that several messages of the pattern chain share.

import { z } from 'zod';
import { digestSchema } from '../../ids.ts';
import { ROSTER_MEMBERS_MAX } from '../roster.ts';

/** Name of the collection whose chain a message belongs to: the instance of the protocol. */
export const collectionSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected up to 63 of a-z, 0-9 and -, a letter first');

/** Digests in ascending order, once each. */
export function ascendingDigests(most: number) {
  return z.array(digestSchema).max(most).refine(isAscending, { error: NOT_ASCENDING });
}

/** One item per member, in ascending order of their ids. */
export function oncePerMember<T extends { readonly member: string }>(item: z.ZodType<T>) {
  return z
    .array(item)
    .max(ROSTER_MEMBERS_MAX)
    .refine((items) => isAscending(items.map(({ member }) => member)), { error: NOT_ASCENDING });
}

const NOT_ASCENDING = 'are not in ascending order, once each';

function isAscending(ids: readonly string[]): boolean {
  return ids.every((id, i) => i === 0 || (ids[i - 1] ?? id) < id);
}
