// A run of many steps through one session, in chunks of a seventh of a second, so that whoever waits can
// be told how far it is and can stop it. Chunks are sized by CPU time, which other processes do not
// change; the sizes of chunks do not change the result.

import { scheduler } from 'node:timers/promises';
import { TrainingError } from '../training-error.ts';
import { throwIfAborted } from './abortable.ts';
import { type Feeds, joined, sliceRows } from './feeds.ts';
import { updatedName } from './program-names.ts';
import type { Session, Values } from './session.ts';

/** CPU time that a chunk aims at. */
export const CHUNK_TARGET_MS = 150;
/** A chunk has at most so many times the steps of the one before. */
const CHUNK_GROWTH_MAX = 8;

export interface RunStart {
  /** What every step reads: the data, the strength of a proximal term. */
  readonly fixed: Feeds;
  /** A set that the host holds, read by every step as well. */
  readonly held?: number | undefined;
  /** What goes from chunk to chunk: weights and the optimiser's slots. */
  readonly carried: Feeds;
  /** Output whose rows are gathered, one or more per step. */
  readonly gathers: string;
  /** Steps of the first chunk. */
  readonly firstChunk: number;
  /** CPU time that a chunk aims at; `CHUNK_TARGET_MS` when left out. */
  readonly chunkMs?: number | undefined;
}

export interface Chunk {
  /** Steps of the current `advance` that are over. */
  readonly done: number;
  /** What the chunk gathered. */
  readonly gathered: Float32Array;
}

export interface AdvanceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onChunk?: ((chunk: Chunk) => void) | undefined;
  /** What the steps of this call read besides `RunStart.fixed`: a block of a stream. */
  readonly block?: Feeds | undefined;
}

export class SteppedRun {
  readonly #session: Session;
  readonly #start: RunStart;
  #carried: Feeds;
  #chunk: number;

  constructor(session: Session, start: RunStart) {
    this.#session = session;
    this.#start = start;
    this.#carried = start.carried;
    this.#chunk = start.firstChunk;
  }

  get carried(): Feeds {
    return this.#carried;
  }

  /**
   * Runs `steps` steps; `perStep` feeds have one row per step. Returns what they gathered.
   *
   * @throws TrainingError `aborted`; `non-finite-loss` as soon as a chunk gathered one
   */
  async advance(steps: number, perStep: Feeds, options: AdvanceOptions): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    let done = 0;
    while (done < steps) {
      throwIfAborted(options.signal);
      const size = Math.min(this.#chunk, steps - done);
      const started = process.cpuUsage();
      const chunk = sliceRows(perStep, done, done + size);
      const gathered = await this.#run({ ...options.block, ...chunk });
      const { user, system } = process.cpuUsage(started);
      this.#resize(size, (user + system) / 1000);
      done += size;
      parts.push(gathered);
      options.onChunk?.({ done, gathered });
      await scheduler.yield();
    }
    return joined(parts);
  }

  async #run(chunk: Feeds): Promise<Float32Array> {
    const results = await this.#session.run({ ...this.#start.fixed, ...this.#carried, ...chunk });
    const updated = Object.entries(this.#carried).map(([name, feed]) => [
      name,
      { ...feed, data: resultOf(results, updatedName(name)) },
    ]);
    this.#carried = Object.fromEntries(updated);
    return joined([resultOf(results, this.#start.gathers)]);
  }

  #resize(steps: number, cpuMs: number): void {
    const target = this.#start.chunkMs ?? CHUNK_TARGET_MS;
    const fitting = Math.floor((target * steps) / Math.max(cpuMs, 0.01));
    this.#chunk = Math.max(1, Math.min(fitting, steps * CHUNK_GROWTH_MAX));
  }
}

function resultOf(results: Readonly<Record<string, Values>>, name: string): Values {
  const values = results[name];
  if (values === undefined) {
    throw new TrainingError('invalid-options', `the graph has no output ${name}`);
  }
  return values;
}
