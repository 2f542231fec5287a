// Long lists are answered in parts, newest first.

import { z } from '@starling/shared';

/** Entries of one answer. */
export const PAGE_MAX = 100;
const PAGE = 20;

export const pageSchema = z.strictObject({
  /** Entries below this number. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE),
});

export type Page = z.output<typeof pageSchema>;

/** @param entries oldest first, with numbers that rise */
export function newestOf<T>(
  entries: readonly T[],
  numberOf: (entry: T) => number,
  { before = Number.POSITIVE_INFINITY, limit }: Page,
): T[] {
  const page: T[] = [];
  for (let i = entries.length - 1; i >= 0 && page.length < limit; i--) {
    const entry = entries[i];
    if (entry !== undefined && numberOf(entry) < before) page.push(entry);
  }
  return page;
}
