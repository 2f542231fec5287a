// What is said to a contender's process: a line of tab-separated words, answered by a line of JSON.
// `native/hnswlib-driver.cpp` reads the same lines.

export interface BuildCommand {
  readonly name: 'build';
  /** `[rows × dimension]` bytes. */
  readonly file: string;
  readonly rows: number;
  readonly dimension: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly threads: number;
}

export interface SearchCommand {
  readonly name: 'search';
  /** `[count × dimension]` bytes. */
  readonly file: string;
  readonly count: number;
  readonly dimension: number;
  readonly k: number;
  readonly efSearch: number;
  /** Whether the answer holds labels and distances, or times only. */
  readonly withResults: boolean;
}

export interface BuildAnswer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** What the index takes. */
  readonly bytes: number;
  /** By the index's own account; otherwise it is what the process grew by. */
  readonly isCounted?: boolean;
}

export interface SearchAnswer {
  /** Of each query. */
  readonly micros: readonly number[];
  /** `[count × k]` row numbers, −1 where fewer were found. */
  readonly labels?: readonly number[];
  /** Distance computations per query; `null` where the contender does not tell. */
  readonly distances?: number | null;
}

export function encodeCommand(command: BuildCommand | SearchCommand): string {
  if (command.name === 'build') {
    const { dimension, efConstruction, file, m, rows, threads } = command;
    return line('build', file, rows, dimension, m, efConstruction, threads);
  }
  const { count, dimension, efSearch, file, k, withResults } = command;
  return line('search', file, count, dimension, k, efSearch, withResults ? 1 : 0);
}

/** @throws {Error} on a line that is no command. */
export function decodeCommand(text: string): BuildCommand | SearchCommand {
  const [name, file = '', ...words] = text.split('\t');
  const numbers = words.map(Number);
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = numbers;
  const isWhole = numbers.length === 5 && numbers.every(Number.isSafeInteger);
  if (name === 'build' && isWhole) {
    return { name, file, rows: a, dimension: b, m: c, efConstruction: d, threads: e };
  }
  if (name === 'search' && isWhole) {
    return { name, file, count: a, dimension: b, k: c, efSearch: d, withResults: e === 1 };
  }
  throw new Error(`no command: ${JSON.stringify(text)}`);
}

function line(...words: readonly (string | number)[]): string {
  return `${words.join('\t')}\n`;
}
