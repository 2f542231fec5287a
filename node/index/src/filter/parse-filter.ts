import { IndexError } from '../index-error.ts';
import type { ColumnSchema } from './column-types.ts';
import type { Filter, Predicate } from './filter-language.ts';
import { FILTER_LIMITS } from './filter-limits.ts';
import { type FilterPlace, invalidFilter, parseTest } from './parse-test.ts';
import { described } from './parse-value.ts';

/**
 * Checks a filter against a schema.
 *
 * @param path - how refusals name the filter
 * @throws IndexError `invalid-filter` that names the place and what is accepted there,
 *   `limit-exceeded`
 */
export function parseFilter<S extends ColumnSchema>(
  schema: S,
  filter: Filter<S>,
  path = 'filter',
): Predicate {
  return new FilterParser(schema).parse(filter, path, 1);
}

class FilterParser {
  readonly #schema: ColumnSchema;
  #tests = 0;

  constructor(schema: ColumnSchema) {
    this.#schema = schema;
  }

  parse(filter: unknown, path: string, depth: number): Predicate {
    checkLimit('filterDepthMax', depth, path);
    if (!isPlainObject(filter)) {
      throw invalidFilter(path, `it is ${described(filter)}; give an object of column: test`);
    }
    const entries = Object.entries(filter).filter(([, value]) => value !== undefined);
    if (entries.length === 0) {
      throw invalidFilter(path, 'it is empty; leave the filter out to mean every row');
    }
    const parts = entries.map(([name, value]) => this.#parseEntry(name, value, path, depth));
    return joined('and', parts);
  }

  #parseEntry(name: string, value: unknown, path: string, depth: number): Predicate {
    const here = `${path}.${name}`;
    if (name === 'not') return { kind: 'not', part: this.parse(value, here, depth + 1) };
    if (name === 'and' || name === 'or') {
      const parts = listOf(value, here).map((part, at) =>
        this.parse(part, `${here}[${at}]`, depth + 1),
      );
      return joined(name, parts);
    }
    this.#tests++;
    checkLimit('filterTestsMax', this.#tests, here);
    if (name === 'ids') return parseIds(value, here);
    return this.#parseColumn({ path: here, column: name }, value);
  }

  #parseColumn(place: FilterPlace, value: unknown): Predicate {
    const { column, path } = place;
    const type = Object.hasOwn(this.#schema, column) ? this.#schema[column] : undefined;
    if (type === undefined) {
      const known = Object.keys(this.#schema).join(', ') || 'none';
      const words = "'and', 'or', 'not', 'ids'";
      throw invalidFilter(path, `there is no column '${column}'; use ${words} or one of: ${known}`);
    }
    return joined('and', parseTest(place, type, value));
  }
}

function parseIds(value: unknown, path: string): Predicate {
  const ids = listOf(value, path);
  checkLimit('filterIdsMax', ids.length, path);
  const wrong = ids.findIndex((id) => typeof id !== 'string');
  if (wrong >= 0) {
    throw invalidFilter(`${path}[${wrong}]`, `it is ${described(ids[wrong])}; ids are texts`);
  }
  return { kind: 'ids', ids: ids as readonly string[] };
}

function joined(kind: 'and' | 'or', parts: readonly Predicate[]): Predicate {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalidFilter(path, `it is ${described(value)}; give a list of at least one entry`);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkLimit(name: keyof typeof FILTER_LIMITS, value: number, path: string): void {
  const max = FILTER_LIMITS[name];
  if (value <= max) return;
  throw new IndexError('limit-exceeded', `${path}: ${value} violates ${name} = ${max}; split it`);
}
