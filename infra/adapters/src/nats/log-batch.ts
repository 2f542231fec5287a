// How one append lies in a stream: as a batch of events, cut into messages that the server takes.
// The parts of a batch follow each other without a gap; one that was cut short counts for nothing.

import {
  bytesSchema,
  decodeCanonical,
  EventLogError,
  encodeCanonical,
  type NewEvent,
  type StoredEvent,
  uintSchema,
  z,
} from '@starling/shared';
import { chainLink } from '../event-chain.ts';

/** Room for the fields around a part's data, and for the headers of a message. */
const FRAME_BYTES = 1024;
const BATCH_BYTES_MAX = 2 ** 31;
const PART_BYTES_MAX = 64 * 1024 * 1024;

const partSchema = z.strictObject({
  /** Number of the batch's first event. */
  first: uintSchema,
  count: uintSchema,
  /** The chain's link behind the batch's last event. */
  link: bytesSchema,
  part: uintSchema,
  parts: uintSchema,
  data: bytesSchema,
});

export type BatchPart = z.infer<typeof partSchema>;

const batchSchema = z.strictObject({
  /** The chain's link before the batch. */
  previous: bytesSchema,
  events: z.array(z.strictObject({ atMs: uintSchema, type: z.string(), payload: bytesSchema })),
});

export interface Batch {
  readonly link: Uint8Array;
  /** One message each. */
  readonly frames: readonly Uint8Array[];
}

/** @param messageBytesMax the server's `max_payload` */
export function batchOf(
  events: readonly NewEvent[],
  first: number,
  previous: Uint8Array,
  messageBytesMax: number,
): Batch {
  let link = previous;
  events.forEach((event, i) => {
    link = chainLink(link, first + i, event);
  });
  const listed = events.map(({ atMs, payload, type }) => ({ atMs, payload, type }));
  const bytes = encodeCanonical({ events: listed, previous } as never);
  const room = messageBytesMax - FRAME_BYTES;
  const parts = Math.ceil(bytes.byteLength / room);
  const frames = Array.from({ length: parts }, (_, part) => {
    const data = bytes.subarray(part * room, (part + 1) * room);
    return encodeCanonical({ first, count: events.length, link, part, parts, data } as never);
  });
  return { link, frames };
}

/** @throws {EventLogError} `corrupt` */
export function readPart(bytes: Uint8Array, at: number): BatchPart {
  const decoded = decodeCanonical(bytes, PART_BYTES_MAX);
  const parsed = decoded.ok ? partSchema.safeParse(decoded.value) : undefined;
  if (parsed?.success !== true || parsed.data.part >= parsed.data.parts) {
    throw new EventLogError('corrupt', `message ${at} of the stream is no part of an event log`);
  }
  return parsed.data;
}

/** Puts the parts of batches together as they come, in the stream's order. */
export class BatchReader {
  #parts: BatchPart[] = [];
  #next: number;
  #link: Uint8Array | undefined;

  /** @param link of the event before; undefined takes the first batch's word for it */
  constructor(next: number, link: Uint8Array | undefined) {
    this.#next = next;
    this.#link = link;
  }

  /**
   * The events of the batch that this part completes; none when more are missing.
   * @throws {EventLogError} `corrupt`
   */
  take(part: BatchPart): readonly StoredEvent[] {
    const last = this.#parts.at(-1);
    // A part that does not follow begins anew: whoever wrote the one before died over it.
    const follows = last !== undefined && last.part + 1 === part.part && last.first === part.first;
    this.#parts = follows ? [...this.#parts, part] : [part];
    const [head] = this.#parts;
    if (head?.part !== 0 || this.#parts.length < part.parts) return [];
    const bytes = Buffer.concat(this.#parts.map(({ data }) => data));
    this.#parts = [];
    return this.#open(bytes, part);
  }

  #open(bytes: Uint8Array, { count, first, link }: BatchPart): readonly StoredEvent[] {
    const decoded = decodeCanonical(bytes, BATCH_BYTES_MAX);
    const parsed = decoded.ok ? batchSchema.safeParse(decoded.value) : undefined;
    const damaged = () => {
      const message = `event ${first} is damaged: restore the stream from a copy`;
      return new EventLogError('corrupt', message);
    };
    if (parsed?.success !== true) throw damaged();
    const { events, previous } = parsed.data;
    const isChained = this.#link === undefined || Buffer.compare(previous, this.#link) === 0;
    if (first !== this.#next || events.length !== count || !isChained) throw damaged();
    let at = previous;
    const stored = events.map((event, i) => {
      at = chainLink(at, first + i, event);
      return { seq: first + i, ...event };
    });
    if (Buffer.compare(at, link) !== 0) throw damaged();
    this.#next = first + count;
    this.#link = link;
    return stored;
  }
}
