// A federation's log in one file, so that anyone can replay the ledger without the coordinator: a
// header, each event as canonical CBOR after its length, and an end that a cut file lacks.

import { open } from 'node:fs/promises';
import { EVENT_BYTES_MAX } from '@starling/rules';
import {
  bytesSchema,
  decodeCanonical,
  encodeCanonical,
  type StoredEvent,
  uintSchema,
  z,
} from '@starling/shared';
import { RuntimeError } from '../runtime-error.ts';

const HEADER = new TextEncoder().encode('starling-ledger-v1\n');
const LENGTH_BYTES = 4;
/** Largest item: an event with its number, time and type. */
const ITEM_BYTES_MAX = EVENT_BYTES_MAX + 1024;

const eventSchema = z.strictObject({
  atMs: uintSchema,
  payload: bytesSchema,
  seq: uintSchema.min(1),
  type: z.string().max(100),
});
const endSchema = z.strictObject({ events: uintSchema });

/** The bytes of such a file, one piece for each event. */
export async function* encodeEvidence(
  events: AsyncIterable<StoredEvent>,
): AsyncGenerator<Uint8Array> {
  yield HEADER;
  let count = 0;
  for await (const { atMs, payload, seq, type } of events) {
    yield item(encodeCanonical({ atMs, payload, seq, type }));
    count += 1;
  }
  yield item(encodeCanonical({ events: count }));
}

/**
 * The events of such a file, one after the other; memory holds one.
 * @throws {RuntimeError} `invalid-option` when it cannot be read, is none, or is cut or damaged
 */
export async function* readEvidence(path: string): AsyncGenerator<StoredEvent> {
  await using file = await open(path, 'r').catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-option', `${path} cannot be read (${detail})`, { cause });
  });
  let at = 0;
  const take = async (bytes: number): Promise<Uint8Array | undefined> => {
    const buffer = new Uint8Array(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, at);
    at += bytesRead;
    return bytesRead === bytes ? buffer : undefined;
  };
  const header = await take(HEADER.byteLength);
  if (header === undefined || !Buffer.from(header).equals(HEADER)) {
    const how = 'make one with "starling ledger export --out ledger.cbor"';
    throw new RuntimeError('invalid-option', `${path} is no evidence of a ledger: ${how}`);
  }
  for (let events = 0; ; events++) {
    const found = await next(take, path, events);
    if ('events' in found) {
      if (found.events === events && (await take(1)) === undefined) return;
      throw damaged(path, events, 'its end does not count them');
    }
    yield found;
  }
}

async function next(
  take: (bytes: number) => Promise<Uint8Array | undefined>,
  path: string,
  events: number,
): Promise<StoredEvent | z.infer<typeof endSchema>> {
  const prefix = await take(LENGTH_BYTES);
  if (prefix === undefined) throw damaged(path, events, 'it is cut off there');
  const length = new DataView(prefix.buffer).getUint32(0);
  if (length > ITEM_BYTES_MAX) throw damaged(path, events, `an item of ${length} bytes`);
  const bytes = await take(length);
  if (bytes === undefined) throw damaged(path, events, 'it is cut off there');
  const decoded = decodeCanonical(bytes, ITEM_BYTES_MAX);
  const value = decoded.ok ? decoded.value : undefined;
  const found = eventSchema.safeParse(value).data ?? endSchema.safeParse(value).data;
  if (found === undefined) throw damaged(path, events, 'what follows is no event');
  return found;
}

function item(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(LENGTH_BYTES + bytes.byteLength);
  new DataView(framed.buffer).setUint32(0, bytes.byteLength);
  framed.set(bytes, LENGTH_BYTES);
  return framed;
}

function damaged(path: string, events: number, what: string): RuntimeError {
  const message = `${path} is damaged after event ${events} (${what}): export it again`;
  return new RuntimeError('invalid-option', message);
}
