// The part of Python's literals that .npy headers use: dictionaries with string keys, strings
// without escapes, booleans, non-negative integers, tuples and lists. Nothing is evaluated.

export type PythonValue =
  | string
  | number
  | boolean
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>;

/** The value of a literal, `undefined` when it is none or not of this grammar. */
export function parsePythonLiteral(text: string): PythonValue | undefined {
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const cursor = new Cursor(tokens);
  const value = parseValue(cursor, 0);
  return cursor.isAtEnd ? value : undefined;
}

// Structured types nest three deep; the bound keeps a hostile header off the stack.
const DEPTH_MAX = 8;

const TOKEN =
  /\s*(?:([{}()[\],:])|'([^'\\\n]*)'|"([^"\\\n]*)"|(\d{1,16})L?(?![\w.])|(True|False))/y;

type Token = { readonly mark: string } | { readonly value: string | number | boolean };

function tokenize(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) return undefined;
    const [, mark, single, double, digits, truth] = match;
    if (mark !== undefined) tokens.push({ mark });
    else if (digits !== undefined) tokens.push({ value: Number(digits) });
    else if (truth !== undefined) tokens.push({ value: truth === 'True' });
    else tokens.push({ value: single ?? double ?? '' });
  }
  return tokens;
}

class Cursor {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#tokens.length;
  }

  next(): Token | undefined {
    return this.#tokens[this.#position++];
  }

  /** Steps over a mark if it comes next. */
  takes(mark: string): boolean {
    const token = this.#tokens[this.#position];
    if (token === undefined || !('mark' in token) || token.mark !== mark) return false;
    this.#position++;
    return true;
  }
}

function parseValue(cursor: Cursor, depth: number): PythonValue | undefined {
  const token = cursor.next();
  if (token === undefined || depth > DEPTH_MAX) return undefined;
  if ('value' in token) return token.value;
  if (token.mark === '{') return parseDictionary(cursor, depth);
  if (token.mark === '(') return parseSequence(cursor, ')', depth);
  if (token.mark === '[') return parseSequence(cursor, ']', depth);
  return undefined;
}

function parseDictionary(
  cursor: Cursor,
  depth: number,
): ReadonlyMap<string, PythonValue> | undefined {
  const entries = new Map<string, PythonValue>();
  while (!cursor.takes('}')) {
    const key = parseValue(cursor, depth + 1);
    if (typeof key !== 'string' || !cursor.takes(':') || entries.has(key)) return undefined;
    const value = parseValue(cursor, depth + 1);
    if (value === undefined) return undefined;
    entries.set(key, value);
    if (cursor.takes(',')) continue;
    return cursor.takes('}') ? entries : undefined;
  }
  return entries;
}

function parseSequence(cursor: Cursor, end: string, depth: number): PythonValue[] | undefined {
  const values: PythonValue[] = [];
  while (!cursor.takes(end)) {
    const value = parseValue(cursor, depth + 1);
    if (value === undefined) return undefined;
    values.push(value);
    if (cursor.takes(',')) continue;
    return cursor.takes(end) ? values : undefined;
  }
  return values;
}
