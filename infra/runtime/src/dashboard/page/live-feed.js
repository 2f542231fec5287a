// Keeps a stream of events open: reconnects with back-off, and resumes after the last event heard.

/** @import { Link } from './types.ts' */
/** @import { StreamEvent } from './event-stream.js' */
import { ApiError, request } from './api-client.js';
import { EventParser } from './event-stream.js';

export const RETRY_MS_MIN = 1_000;
export const RETRY_MS_MAX = 30_000;
/** Without a sign of life, heartbeats included, for so long the connection counts as lost. */
export const SILENCE_MS_MAX = 60_000;

/**
 * @typedef {object} FeedListener
 * @property {(link: Link) => void} onLink
 * @property {(event: StreamEvent) => void} onEvent
 * @property {() => void} onResumed it was lost and is back: what was missed has to be asked for
 * @property {() => void} onNoStream there is a server and it has no events now: ask it instead
 * @property {(error: ApiError) => void} onRefused the token does not count
 */

/** Milliseconds until attempt number `failures`, the first being 1. @param {number} failures */
export function retryDelayMs(failures) {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (failures - 1));
}

/**
 * Runs until `signal`.
 * @param {string} token
 * @param {FeedListener} listener
 * @param {AbortSignal} signal
 */
export async function followEvents(token, listener, signal) {
  let lastId = '';
  let failures = 0;
  let lostMs = 0;
  const onOpen = () => {
    listener.onLink({ state: 'live', sinceMs: Date.now() });
    if (failures > 0) listener.onResumed();
    failures = 0;
  };
  const onEvent = (/** @type {StreamEvent} */ event) => {
    if (event.id !== '') lastId = event.id;
    listener.onEvent(event);
  };
  while (!signal.aborted) {
    const reason = await readStream({ token, lastId, onOpen, onEvent }, signal);
    if (signal.aborted) return;
    if (reason.status === 401 || reason.status === 403) return listener.onRefused(reason);
    if (failures === 0) lostMs = Date.now();
    failures += 1;
    const delayMs = retryDelayMs(failures);
    const retryAtMs = Date.now() + delayMs;
    listener.onLink({ state: 'lost', sinceMs: lostMs, retryAtMs, reason: reason.message });
    if (reason.status !== 0) listener.onNoStream();
    await waitFor(delayMs, signal);
  }
}

/**
 * @typedef {object} StreamParts
 * @property {string} token
 * @property {string} lastId
 * @property {() => void} onOpen
 * @property {(event: StreamEvent) => void} onEvent
 */

/** @param {StreamParts} parts @param {AbortSignal} outer @returns {Promise<ApiError>} why it ended */
async function readStream({ lastId, onEvent, onOpen, token }, outer) {
  const silence = new AbortController();
  const signal = AbortSignal.any([outer, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
  try {
    const resume = lastId === '' ? {} : { 'last-event-id': lastId };
    const headers = { accept: 'text/event-stream', ...resume };
    const { body } = await request('/events', token, headers, signal);
    if (body === null) return new ApiError(0, 'the coordinator closed the stream of events');
    onOpen();
    const parser = new EventParser();
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
      for (const event of parser.push(text)) {
        if (event.event === 'end') return new ApiError(0, JSON.parse(event.data).reason);
        onEvent(event);
      }
    }
    return new ApiError(0, 'the coordinator closed the stream of events');
  } catch (error) {
    if (error instanceof ApiError) return error;
    const wasSilent = silence.signal.aborted;
    return new ApiError(0, wasSilent ? 'nothing was heard for a minute' : 'the connection broke');
  } finally {
    clearTimeout(timer);
  }
}

/** Also ends when the browser says that the network is back. @param {number} ms @param {AbortSignal} signal */
function waitFor(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    globalThis.addEventListener('online', done, { once: true });
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      globalThis.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve(undefined);
    }
  });
}
