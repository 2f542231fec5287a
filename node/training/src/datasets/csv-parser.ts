// Records of comma-separated text (RFC 4180): quoted fields may hold separators, quotes and line
// breaks. Text comes in pieces; blank lines are skipped.

import { TrainingError } from '../training-error.ts';

export interface CsvRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Most characters of one record. */
export const CSV_RECORD_CHARS_MAX = 1 << 20;
export const CSV_FIELDS_MAX = 1 << 14;

type State = 'start' | 'plain' | 'quoted' | 'quote';

export class CsvParser {
  readonly #path: string;
  readonly #separator: string;
  #state: State = 'start';
  #line = 1;
  #recordLine = 1;
  #recordChars = 0;
  #fields: string[] = [];
  #field = '';
  #records: CsvRecord[] = [];

  constructor(path: string, separator: string) {
    this.#path = path;
    this.#separator = separator;
  }

  /**
   * The records that end within `text`.
   *
   * @throws TrainingError `corrupt-file`, `limit-exceeded`, naming file and line
   */
  push(text: string): CsvRecord[] {
    for (let at = 0; at < text.length; ) at = this.#take(text, at);
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** The last record, when no line break ends it. */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') throw this.#corrupt('a quoted field never ends');
    if (this.#state !== 'start' || this.#fields.length > 0) this.#endRecord();
    return this.push('');
  }

  /** Consumes a character, or as many as are plain; returns what comes next. */
  #take(text: string, at: number): number {
    const character = text[at] as string;
    if (this.#state === 'quoted') return this.#takeQuoted(text, at);
    if (character === this.#separator) this.#endField();
    else if (character === '\n') this.#endLine();
    else if (character === '"') this.#quote();
    else if (this.#state === 'quote') this.#afterQuote(character);
    else return this.#takePlain(text, at);
    return at + 1;
  }

  #takePlain(text: string, at: number): number {
    let end = at + 1;
    while (end < text.length && !this.#isSpecial(text[end] as string)) end++;
    this.#append(text.slice(at, end));
    this.#state = 'plain';
    return end;
  }

  #takeQuoted(text: string, at: number): number {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    const part = text.slice(at, end);
    for (const character of part) if (character === '\n') this.#line++;
    this.#append(part);
    if (quote < 0) return end;
    this.#state = 'quote';
    return quote + 1;
  }

  #isSpecial(character: string): boolean {
    return character === this.#separator || character === '\n' || character === '"';
  }

  #quote(): void {
    if (this.#state === 'plain') throw this.#corrupt('a quote within a field without quotes');
    if (this.#state === 'quote') this.#append('"');
    this.#state = 'quoted';
  }

  #afterQuote(character: string): void {
    if (character === '\r') return;
    throw this.#corrupt(`"${character}" after the end of a quoted field`);
  }

  #append(part: string): void {
    this.#recordChars += part.length;
    if (this.#recordChars > CSV_RECORD_CHARS_MAX) {
      throw this.#exceeds(`CSV_RECORD_CHARS_MAX = ${CSV_RECORD_CHARS_MAX} characters`);
    }
    this.#field += part;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    if (this.#fields.length > CSV_FIELDS_MAX) {
      throw this.#exceeds(`CSV_FIELDS_MAX = ${CSV_FIELDS_MAX} fields`);
    }
    this.#field = '';
    this.#state = 'start';
  }

  #endLine(): void {
    if (this.#state === 'plain' && this.#field.endsWith('\r')) {
      this.#field = this.#field.slice(0, -1);
      if (this.#field === '') this.#state = 'start';
    }
    this.#line++;
    if (this.#state === 'start' && this.#fields.length === 0) this.#recordLine = this.#line;
    else this.#endRecord();
  }

  #endRecord(): void {
    this.#endField();
    this.#records.push({ line: this.#recordLine, fields: this.#fields });
    this.#fields = [];
    this.#recordLine = this.#line;
    this.#recordChars = 0;
  }

  #corrupt(what: string): TrainingError {
    const place = `${this.#path}, line ${this.#line}, field ${this.#fields.length + 1}`;
    const rule = 'quote a field that holds quotes and double them (RFC 4180)';
    return new TrainingError('corrupt-file', `${place}: ${what}; ${rule}`);
  }

  #exceeds(limit: string): TrainingError {
    const message = `${this.#path}, line ${this.#recordLine}: a record of more than ${limit}`;
    return new TrainingError('limit-exceeded', `${message}; check separator and quotes`);
  }
}
