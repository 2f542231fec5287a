// What one contender must do, in a process of its own, so that no contender's memory, garbage or
// compiled code is in another's way. `native/hnswlib-driver.cpp` keeps the same promise in C++.

export interface Rows {
  /** `[rows × dimension]` */
  readonly base: Uint8Array;
  readonly rows: number;
  readonly dimension: number;
}

export interface BuildInput extends Rows {
  readonly m: number;
  readonly efConstruction: number;
  /** 1, or how many threads share the work where the contender can. */
  readonly threads: number;
}

export interface Taken {
  readonly seconds: number;
  /** Of all threads of the process: a busy machine changes it less. */
  readonly cpuSeconds: number;
}

/** `Result` is what a search gives to its caller, before anything is made of it. */
export interface Engine<Result> {
  /**
   * Builds an index of its own over rows numbered from 0, in place of the one before.
   *
   * @returns time inside the contender; converting its input is not counted
   */
  build(input: BuildInput): Taken | Promise<Taken>;
  /** Converts queries (`[n × dimension]`) to what `search` takes. */
  prepare(queries: Uint8Array, dimension: number): void;
  /** Width of the beam of the searches that follow. */
  setEfSearch(efSearch: number): void;
  search(query: number, k: number): Result;
  /** Row numbers, nearest first. */
  labelsOf(result: Result): readonly number[];
  /** Distance computations, where the contender tells them. */
  distancesOf?(result: Result): number;
  /** Bytes of the index, where the contender knows better than the process. */
  bytes?(): number | undefined;
}

const CHUNK_ROWS = 2_000;

export interface Chunk {
  readonly first: number;
  readonly count: number;
  /** `[count × dimension]` */
  readonly vectors: Float32Array;
}

/** The rows as float32, a part at a time: whole, they would weigh more than the index. */
export function* chunksOf({ base, dimension, rows }: Rows): Generator<Chunk> {
  for (let first = 0; first < rows; first += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - first);
    const bytes = base.subarray(first * dimension, (first + count) * dimension);
    yield { first, count, vectors: Float32Array.from(bytes) };
  }
}

/** `[n × dimension]` as n vectors of float32. */
export function vectorsOf(rows: Uint8Array | Float32Array, dimension: number): Float32Array[] {
  return Array.from({ length: rows.length / dimension }, (_, at) =>
    Float32Array.from(rows.subarray(at * dimension, (at + 1) * dimension)),
  );
}

/** Adds up the time of what is run by it. */
export class Stopwatch implements Taken {
  seconds = 0;
  cpuSeconds = 0;

  async time(action: () => void | Promise<void>): Promise<void> {
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await action();
    this.seconds += (performance.now() - startedMs) / 1_000;
    const { system, user } = process.cpuUsage(before);
    this.cpuSeconds += (system + user) / 1e6;
  }
}

/** Seconds that `action` took. */
export function secondsOf(action: () => void): number {
  const startedMs = performance.now();
  action();
  return (performance.now() - startedMs) / 1_000;
}
