// One reader of server-sent events (WHATWG HTML §9.2) and its queue.

import { type FederationEventFrame, frameOf } from './event-hub.ts';

/** What a reader has not read yet; the views of 500 members are about one of these. */
export const STREAM_QUEUE_BYTES_MAX = 2 * 1024 * 1024;
/** A reader that lost its stream comes back after so long. */
const RETRY_MS = 2_000;

/** Invariant: its queue never holds more than the limit and one frame. */
export class EventReader {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #onDropped: (reason: string) => void;
  readonly #closers: (() => void)[] = [];
  #queue: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(onDropped: (reason: string) => void) {
    this.#onDropped = onDropped;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (queue) => {
          this.#queue = queue;
          queue.enqueue(encode(`retry: ${RETRY_MS}\n\n`));
        },
        cancel: () => this.#close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: STREAM_QUEUE_BYTES_MAX }),
    );
  }

  onClose(closer: () => void): void {
    if (this.#queue === undefined) closer();
    else this.#closers.push(closer);
  }

  send(frames: readonly FederationEventFrame[]): void {
    for (const { data, id, name } of frames)
      this.#write(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
  }

  comment(text: string): void {
    this.#write(`: ${text}\n\n`);
  }

  /** The reason is the last thing that is said. */
  end(reason: string): void {
    const { data } = frameOf('end', 0, { reason });
    this.#queue?.enqueue(encode(`event: end\ndata: ${data}\n\n`));
    this.#queue?.close();
    this.#close();
  }

  #write(text: string): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    if ((queue.desiredSize ?? 0) > 0) {
      queue.enqueue(encode(text));
      return;
    }
    const reason = `too slow: more than ${STREAM_QUEUE_BYTES_MAX} bytes were not read`;
    this.#onDropped(reason);
    this.end(reason);
  }

  #close(): void {
    this.#queue = undefined;
    for (const closer of this.#closers.splice(0)) closer();
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
