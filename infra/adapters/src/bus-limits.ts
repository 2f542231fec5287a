// Limits that every bus keeps, in process or on the wire.

import { BusError, ENVELOPE_OVERHEAD_BYTES } from '@starling/shared';

/** Largest gossiped message: a body of 512 KiB in its envelope. gossipsub loses RPCs over 4 MiB. */
export const GOSSIP_BYTES_MAX = 512 * 1024 + ENVELOPE_OVERHEAD_BYTES;
/** Requests one handler works on at once unless it says otherwise. */
export const HANDLER_CONCURRENT_MAX = 16;
/** Requests that wait for a place at one handler; more are refused. */
export const HANDLER_WAITING_MAX = 256;
/** A request without a signal is given up after this. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Request protocols of the wire are lower-case words joined by dashes. */
const PROTOCOL_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;

/** @throws {BusError} `message-too-large` */
export function assertGossipSize(bytes: Uint8Array): void {
  if (bytes.byteLength <= GOSSIP_BYTES_MAX) return;
  throw new BusError(
    'message-too-large',
    `gossip carries at most ${GOSSIP_BYTES_MAX} bytes, got ${bytes.byteLength}: offer a payload`,
  );
}

/** @throws {TypeError} for a caller's name that is no protocol name. */
export function assertProtocol(protocol: string): void {
  if (!PROTOCOL_PATTERN.test(protocol)) throw new TypeError(`"${protocol}" names no protocol`);
}

/** @throws {BusError} `answer-too-large` */
export function assertAnswerSize(bytes: Uint8Array, answerBytesMax: number): void {
  if (bytes.byteLength <= answerBytesMax) return;
  throw new BusError(
    'answer-too-large',
    `the answer has ${bytes.byteLength} bytes, at most ${answerBytesMax} are read`,
  );
}
