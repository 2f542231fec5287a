// One request and one answer on one libp2p stream: a length-prefixed frame each way, then both ends
// close. Whoever sends more than the other reads, or something else, has its stream reset.

import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { BusError } from '@starling/shared';

/** A request that has not arrived whole after this is dropped. */
const REQUEST_READ_TIMEOUT_MS = 15_000;
/** Room for the length prefix beside the frame in the stream's buffer. */
const PREFIX_BYTES_MAX = 10;
/** What lpStream and its buffer throw when a frame is longer than was allowed. */
const TOO_LARGE_ERRORS: ReadonlySet<string> = new Set([
  'InvalidDataLengthError',
  'InvalidDataLengthLengthError',
  'StreamBufferError',
]);

/**
 * Sends `request` and reads the answer; the stream is gone afterwards.
 * @throws {BusError} `answer-too-large` or `request-failed`
 */
export async function askOnStream(
  stream: Stream,
  request: Uint8Array,
  answerBytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const frames = framesOf(stream, answerBytesMax);
  try {
    await frames.write(request, { signal });
    const answer = await frames.read({ signal });
    await stream.close({ signal });
    return answer.subarray();
  } catch (cause) {
    stream.abort(asError(cause));
    if (cause instanceof Error && TOO_LARGE_ERRORS.has(cause.name)) {
      throw new BusError('answer-too-large', `at most ${answerBytesMax} bytes are read`, { cause });
    }
    throw new BusError('request-failed', 'no answer came back', { cause });
  }
}

/**
 * Reads one request from `stream` and writes what `answer` makes of it. Never rejects: a malformed
 * request or a failing handler resets the stream and is told to `onFault`.
 */
export async function answerOnStream(
  stream: Stream,
  requestBytesMax: number,
  stopped: AbortSignal,
  answer: (request: Uint8Array) => Promise<Uint8Array>,
  onFault: (error: Error) => void,
): Promise<void> {
  try {
    const frames = framesOf(stream, requestBytesMax);
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(REQUEST_READ_TIMEOUT_MS)]);
    const request = await frames.read({ signal });
    await frames.write(await answer(request.subarray()), { signal: stopped });
    await stream.close({ signal: stopped });
  } catch (error) {
    const fault = asError(error);
    stream.abort(fault);
    onFault(fault);
  }
}

export function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

function framesOf(stream: Stream, bytesMax: number) {
  return lpStream(stream, {
    maxDataLength: bytesMax,
    maxBufferSize: bytesMax + PREFIX_BYTES_MAX,
  });
}
