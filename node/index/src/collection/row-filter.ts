import type { ColumnSchema } from '../filter/column-types.ts';
import type { Filter, Predicate } from '../filter/filter-language.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import { invalidFilter } from '../filter/parse-test.ts';
import { described } from '../filter/parse-value.ts';

/** The rows that a search may find: by their ids, by their columns, or both. */
export interface RowFilter<S extends ColumnSchema = ColumnSchema> {
  /** Ids that are not there match nothing. */
  readonly ids?: readonly string[];
  /** Tests of columns, see the filter language. */
  readonly where?: Filter<S>;
}

const FILTER_WORDS = ['ids', 'where'];

/**
 * Checks a filter of a search against the schema of its collection.
 *
 * @throws IndexError `invalid-filter` that names the place and what is accepted there,
 *   `limit-exceeded`
 */
export function parseRowFilter(columns: ColumnSchema, filter: RowFilter): Predicate {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    const given = described(filter);
    throw invalidFilter('filter', `it is ${given}; give { ids: […] } or { where: {…} }`);
  }
  const stranger = Object.keys(filter).find((name) => !FILTER_WORDS.includes(name));
  if (stranger !== undefined) {
    const detail = `it knows 'ids' and 'where'; tests of columns stand in filter.where`;
    throw invalidFilter(`filter.${stranger}`, detail);
  }
  const { ids, where } = filter;
  const parts: Predicate[] = [];
  if (ids !== undefined) parts.push(parseFilter({}, { ids }));
  if (where !== undefined) parts.push(parseFilter(columns, where, 'filter.where'));
  const [only] = parts;
  if (only === undefined) {
    throw invalidFilter('filter', 'it is empty; leave it out to mean every row');
  }
  return parts.length === 1 ? only : { kind: 'and', parts };
}
