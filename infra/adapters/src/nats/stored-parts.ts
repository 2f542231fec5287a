// The messages of a log's stream, read by their numbers.

import type { JetStreamManager } from '@nats-io/jetstream';
import { EventLogError } from '@starling/shared';
import { type BatchPart, readPart } from './log-batch.ts';
import { type LogStream, patiently } from './log-stream.ts';

/** Messages on their way to a reader. */
const READ_AHEAD = 64;

export class StoredParts {
  readonly #manager: JetStreamManager;
  readonly #stream: LogStream;

  constructor(manager: JetStreamManager, stream: LogStream) {
    this.#manager = manager;
    this.#stream = stream;
  }

  /** The first message of the batch that holds an event: each message says which events it is of. */
  async sequenceOf(event: number, last: number): Promise<{ first: number; sequence: number }> {
    let low = 1;
    let high = last;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const { first, part } = await this.part(middle);
      if (first > event || (first === event && part > 0)) high = middle - 1;
      else low = middle;
    }
    const { first, part } = await this.part(low);
    return { first, sequence: low - part };
  }

  async part(sequence: number): Promise<BatchPart> {
    const stored = await this.message(sequence);
    if (stored !== undefined) return readPart(stored, sequence);
    throw new EventLogError('corrupt', `message ${sequence} of ${this.#stream.name} is missing`);
  }

  async message(sequence: number): Promise<Uint8Array | undefined> {
    const { streams } = this.#manager;
    const query = { seq: sequence };
    return (await patiently(() => streams.getMessage(this.#stream.name, query)))?.data;
  }

  /**
   * Asked for one by one with some on their way: a consumer of a cluster may be given to a server
   * that is away, and then says nothing.
   */
  async *parts(from: number, to: number): AsyncIterable<BatchPart> {
    const coming: Promise<BatchPart>[] = [];
    for (let at = from; at <= to || coming.length > 0; ) {
      while (at <= to && coming.length < READ_AHEAD) coming.push(settled(this.part(at++)));
      const part = await coming.shift();
      if (part !== undefined) yield part;
    }
  }
}

/** One that fails while nobody waits for it yet is no unhandled rejection. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
