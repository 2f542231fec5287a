// The hash chain of an event log: each event's link covers the event and the link before it, so a
// byte that changes anywhere breaks the chain where it stands.

import { createHash } from 'node:crypto';
import type { NewEvent } from '@starling/shared';

const LINK_BYTES = 32;
/** What the first event is chained to. */
export const FIRST_LINK: Uint8Array = new Uint8Array(LINK_BYTES);

const DOMAIN = 'starling/event-log/v1';

/** SHA3-256 over the previous link and the event with its number; every part has its length. */
export function chainLink(previous: Uint8Array, seq: number, event: NewEvent): Uint8Array {
  const type = Buffer.from(event.type, 'utf8');
  const head = Buffer.alloc(24);
  head.writeBigUInt64BE(BigInt(seq), 0);
  head.writeBigUInt64BE(BigInt(event.atMs), 8);
  head.writeUInt32BE(type.byteLength, 16);
  head.writeUInt32BE(event.payload.byteLength, 20);
  return createHash('sha3-256')
    .update(DOMAIN)
    .update(previous)
    .update(head)
    .update(type)
    .update(event.payload)
    .digest();
}
