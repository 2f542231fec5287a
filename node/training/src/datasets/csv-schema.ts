// Which columns of a CSV file are read as what; and the conversion of a record's fields.

import { TrainingError } from '../training-error.ts';
import type { CsvRecord } from './csv-parser.ts';

/** `integer` is a number without fraction; both are float64, missing ones NaN. */
export type CsvType = 'number' | 'integer' | 'text';

export interface CsvOptions {
  /** Whether the first record names the columns. True when left out. */
  readonly header?: boolean;
  /** Names of all columns where the file has no header; `1`, `2`, … when left out. */
  readonly names?: readonly string[];
  /** One character; a comma when left out. */
  readonly separator?: string;
  /** Columns to read, in this order; all when left out. */
  readonly select?: readonly string[];
  /** By column; `number` when left out. */
  readonly types?: Readonly<Record<string, CsvType>>;
  /** What stands for a value that is not there; see `MISSING_VALUES` when left out. */
  readonly missing?: readonly string[];
  /** What becomes of a row with a missing value; `keep` when left out. */
  readonly onMissing?: 'keep' | 'skip' | 'refuse';
}

export const MISSING_VALUES: readonly string[] = ['', '?', 'NA', 'N/A', 'NaN', 'nan', 'null'];

export interface SchemaColumn {
  readonly name: string;
  readonly type: CsvType;
  readonly index: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export class CsvSchema {
  readonly columns: readonly SchemaColumn[];
  readonly #path: string;
  readonly #fields: number;
  readonly #missing: ReadonlySet<string>;
  readonly #onMissing: 'keep' | 'skip' | 'refuse';

  /** @throws TrainingError `invalid-options` for columns that the file does not have */
  constructor(path: string, names: readonly string[], options: CsvOptions) {
    const { select = names, types = {}, missing = MISSING_VALUES, onMissing = 'keep' } = options;
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new TrainingError('corrupt-file', `${path}: two columns are named "${twice}"`);
    }
    for (const name of [...select, ...Object.keys(types)]) {
      if (names.includes(name)) continue;
      const known = names.map((one) => `"${one}"`).join(', ');
      throw new TrainingError('invalid-options', `${path} has no column "${name}", but ${known}`);
    }
    this.#path = path;
    this.#fields = names.length;
    this.#missing = new Set(missing);
    this.#onMissing = onMissing;
    this.columns = select.map((name) => {
      const type = Object.hasOwn(types, name) ? (types[name] ?? 'number') : 'number';
      return { name, type, index: names.indexOf(name) };
    });
  }

  /**
   * The record's values in the order of `columns`; `undefined` for a row that is left out.
   *
   * @throws TrainingError `corrupt-file`, naming line and column
   */
  valuesOf({ line, fields }: CsvRecord): (number | string | undefined)[] | undefined {
    if (fields.length !== this.#fields) {
      throw this.#corrupt(line, `${fields.length} fields; there are ${this.#fields} columns`);
    }
    const values: (number | string | undefined)[] = [];
    for (const column of this.columns) {
      const text = (fields[column.index] as string).trim();
      if (!this.#missing.has(text)) {
        values.push(column.type === 'text' ? text : this.#numberOf(line, column, text));
        continue;
      }
      if (this.#onMissing === 'skip') return undefined;
      if (this.#onMissing === 'refuse') {
        throw this.#corrupt(line, `column "${column.name}" is missing ("${text}")`);
      }
      values.push(column.type === 'text' ? undefined : Number.NaN);
    }
    return values;
  }

  #numberOf(line: number, { name, type }: SchemaColumn, text: string): number {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value) || (type === 'integer' && !Number.isSafeInteger(value))) {
      const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
      const expected = type === 'integer' ? 'a whole number' : 'a number';
      throw this.#corrupt(
        line,
        `column "${name}" holds "${shown}", not ${expected}; give it another type or list it in missing`,
      );
    }
    return value;
  }

  #corrupt(line: number, what: string): TrainingError {
    return new TrainingError('corrupt-file', `${this.#path}, line ${line}: ${what}`);
  }
}
