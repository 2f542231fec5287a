// Reads a frame that was verified when it was recorded; checks its shape, not its signature.

import { digestOf } from '@starling/crypto';
import type { Digest, MemberId, MessageDefinition } from '@starling/shared';
import {
  decodeCanonical,
  ENVELOPE_OVERHEAD_BYTES,
  frameSchema,
  headerSchema,
} from '@starling/shared';
import { RulesError } from './rules-error.ts';

export interface FrameContent<T> {
  readonly sender: MemberId;
  readonly body: T;
  readonly bodyBytes: Uint8Array;
  /** Digest of the body bytes: the message's name in other messages. */
  readonly bodyDigest: Digest;
  readonly signature: Uint8Array;
}

/** @throws {RulesError} `corrupt-log` when the bytes are no frame of this message type. */
export function readFrame<T>(bytes: Uint8Array, definition: MessageDefinition<T>): FrameContent<T> {
  const sizeMax = definition.bodyBytesMax + ENVELOPE_OVERHEAD_BYTES;
  const frame = decodedAs(frameSchema, bytes, sizeMax, definition.type);
  const header = decodedAs(headerSchema, frame.signed, sizeMax, definition.type);
  if (header.type !== definition.type) {
    throw new RulesError('corrupt-log', `expected a ${definition.type}, found a ${header.type}`);
  }
  const body = decodedAs(definition.schema, header.body, sizeMax, definition.type);
  return {
    sender: header.sender,
    body,
    bodyBytes: header.body,
    bodyDigest: digestOf(header.body),
    signature: frame.signature,
  };
}

/** What type of message a frame says it is. @throws {RulesError} `corrupt-log` */
export function typeOfFrame(bytes: Uint8Array): string {
  const frame = decodedAs(frameSchema, bytes, bytes.byteLength, 'frame');
  return decodedAs(headerSchema, frame.signed, bytes.byteLength, 'header').type;
}

function decodedAs<T>(
  schema: MessageDefinition<T>['schema'],
  bytes: Uint8Array,
  bytesMax: number,
  type: string,
): T {
  const decoded = decodeCanonical(bytes, bytesMax);
  if (!decoded.ok) throw new RulesError('corrupt-log', `${type}: ${decoded.detail}`);
  const parsed = schema.safeParse(decoded.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.');
  throw new RulesError('corrupt-log', `${type} at ${where}: ${issue?.message}`);
}
