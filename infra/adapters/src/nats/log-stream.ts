// The stream that holds an event log.

import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  JetStreamError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { errors } from 'nats';

/** How long the servers know a message again by its id. */
const DUPLICATES_KNOWN_MS = 120_000;
const UNAVAILABLE = 503;
const NANOSECONDS = 1_000_000;
/** A cluster that is coming up, or that lost a leader, answers nothing for a while. */
const TRIES = 10;
const AGAIN_MS = 500;

export interface LogStream {
  readonly name: string;
  readonly subject: string;
}

/** Nothing leaves the stream by itself, and nobody can take a message out of it. */
export async function createLogStream(
  manager: JetStreamManager,
  log: string,
  replicas: number,
): Promise<LogStream> {
  const stream = { name: streamName(log), subject: `starling.log.${log}` };
  await patiently(async () => {
    if (await isThere(manager, stream.name)) return;
    await manager.streams.add({
      name: stream.name,
      subjects: [stream.subject],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      num_replicas: replicas,
      deny_delete: true,
      deny_purge: true,
      duplicate_window: DUPLICATES_KNOWN_MS * NANOSECONDS,
    });
  });
  return stream;
}

/** How many servers hold the stream, and how many of them are up to date; undefined without one. */
export async function stateOfStream(
  manager: JetStreamManager,
  log: string,
): Promise<{ readonly copies: number; readonly current: number } | undefined> {
  try {
    const { cluster, config } = await manager.streams.info(streamName(log));
    const followers = (cluster?.replicas ?? []).filter(({ current, offline }) => {
      return current && offline !== true;
    });
    return { copies: config.num_replicas, current: followers.length + 1 };
  } catch (cause) {
    if (isApiError(cause, JetStreamApiCodes.StreamNotFound)) return undefined;
    throw cause;
  }
}

function streamName(log: string): string {
  return `STARLING_${log}`;
}

/** Asks again while nobody answers; what is asked must be the same twice as once. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (cause) {
      if (tries >= TRIES || !isPassing(cause)) throw cause;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function isPassing(cause: unknown): boolean {
  if (cause instanceof JetStreamApiError) return cause.status === UNAVAILABLE;
  return cause instanceof errors.TimeoutError || cause instanceof JetStreamError;
}

async function isThere(manager: JetStreamManager, stream: string): Promise<boolean> {
  try {
    await manager.streams.info(stream);
    return true;
  } catch (cause) {
    if (isApiError(cause, JetStreamApiCodes.StreamNotFound)) return false;
    throw cause;
  }
}

/** One of the server's numbered errors. */
export function isApiError(cause: unknown, code: number): boolean {
  return cause instanceof JetStreamApiError && cause.code === code;
}
