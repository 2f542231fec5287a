// EventLog on a JetStream stream, for coordinators on more than one machine: an append states the
// sequence that it follows, so that of two writers one is refused; a repeated append is no second one.

import {
  JetStreamApiCodes,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type EventLog, EventLogError, type NewEvent, type StoredEvent } from '@starling/shared';
import type { NatsConnection } from 'nats';
import { copied } from '../copied.ts';
import { FIRST_LINK } from '../event-chain.ts';
import { assertAppend } from '../event-limits.ts';
import { connectNats, type NatsOptions } from './connect-nats.ts';
import { BatchReader, batchOf } from './log-batch.ts';
import {
  createLogStream,
  isApiError,
  type LogStream,
  patiently,
  stateOfStream,
} from './log-stream.ts';
import { StoredParts } from './stored-parts.ts';

/** An append is tried again over a change of the stream's leader; the servers tell its copies apart. */
const PUBLISH_WITHIN_MS = 3_000;
const PUBLISH_TRIES = 12;

export interface NatsEventLogOptions extends NatsOptions {
  /** Letters, digits, `-` and `_`; one log per federation. */
  readonly log: string;
  /** Copies of the stream, an odd number of servers. */
  readonly replicas: 1 | 3 | 5;
  /** Refuse instead of creating a log that is not there. */
  readonly mustExist?: boolean;
}

export interface NatsLogState {
  /** Servers that hold the stream. */
  readonly copies: number;
  /** Those that have all of it. */
  readonly current: number;
}

/** The end of the log as this process last saw it. */
interface Tail {
  /** Newest event. */
  readonly head: number;
  readonly link: Uint8Array;
  /** Newest message of the stream, of a whole batch or not. */
  readonly sequence: number;
}

const EMPTY: Tail = { head: 0, link: FIRST_LINK, sequence: 0 };

/**
 * Opens the log, creating its stream when there is none.
 * @throws {EventLogError} `storage` when the servers cannot be reached or refuse, `corrupt`
 * @throws {RangeError} for a name that no stream can have
 */
export async function openNatsEventLog(options: NatsEventLogOptions): Promise<NatsEventLog> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(options.log)) {
    throw new RangeError(`"${options.log}" names no log: letters, digits, - and _, 64 at most`);
  }
  const connection = await connectNats(options);
  try {
    const manager = await patiently(() => jetstreamManager(connection));
    if (options.mustExist === true) await assertThere(manager, options);
    const stream = await createLogStream(manager, options.log, options.replicas);
    return await NatsEventLog.open(connection, manager, stream);
  } catch (cause) {
    await connection.close();
    throw asLogError(cause);
  }
}

/**
 * Looks how a log is, over a connection of its own.
 * @throws {EventLogError} `storage` when no server answers, or the log is not there
 */
export async function natsLogState(options: NatsEventLogOptions): Promise<NatsLogState> {
  const connection = await connectNats(options);
  try {
    const { copies, current } = await assertThere(await jetstreamManager(connection), options);
    return { copies, current };
  } catch (cause) {
    throw asLogError(cause);
  } finally {
    await connection.close();
  }
}

async function assertThere(
  manager: JetStreamManager,
  { log, servers }: NatsEventLogOptions,
): Promise<NatsLogState> {
  const state = await patiently(() => stateOfStream(manager, log));
  if (state !== undefined) return state;
  throw new EventLogError('storage', `there is no log ${log} at ${servers.join(', ')}`);
}

/** Made by {@link openNatsEventLog}. */
export class NatsEventLog implements EventLog {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #stream: LogStream;
  readonly #stored: StoredParts;
  readonly #messageBytesMax: number;
  #tail: Tail | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  private constructor(connection: NatsConnection, manager: JetStreamManager, stream: LogStream) {
    this.#connection = connection;
    this.#manager = manager;
    this.#client = jetstream(connection);
    this.#stream = stream;
    this.#stored = new StoredParts(manager, stream);
    this.#messageBytesMax = connection.info?.max_payload ?? 0;
  }

  static async open(
    connection: NatsConnection,
    manager: JetStreamManager,
    stream: LogStream,
  ): Promise<NatsEventLog> {
    const log = new NatsEventLog(connection, manager, stream);
    await log.#look();
    return log;
  }

  async head(): Promise<number> {
    this.#assertRunning();
    return this.#inTurn(async () => (await this.#look()).head);
  }

  async append(events: readonly NewEvent[], expectedHead: number): Promise<number> {
    this.#assertRunning();
    assertAppend(events);
    const copies = events.map((event) => ({ ...event, payload: copied(event.payload) }));
    return this.#inTurn(() => this.#write(copies, expectedHead));
  }

  async *read(from: number): AsyncIterable<StoredEvent> {
    this.#assertRunning();
    const { head, sequence } = await this.#inTurn(() => this.#look());
    const first = Math.max(1, from);
    if (first > head) return;
    const start = await this.#guarded(() => this.#stored.sequenceOf(first, sequence));
    const reader = new BatchReader(start.first, undefined);
    try {
      for await (const part of this.#stored.parts(start.sequence, sequence)) {
        for (const event of reader.take(part)) if (event.seq >= first) yield event;
        this.#assertRunning();
      }
    } catch (cause) {
      throw asLogError(cause);
    }
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#writing.catch(() => undefined);
    await this.#connection.close();
  }

  /** Writers of this process take turns, so that each knows what it follows. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#writing.catch(() => undefined).then(() => this.#guarded(action));
    this.#writing = turn;
    return turn;
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw asLogError(cause);
    }
  }

  async #write(events: readonly NewEvent[], expectedHead: number): Promise<number> {
    let tail = this.#tail ?? (await this.#look());
    if (tail.head !== expectedHead) tail = await this.#look();
    if (tail.head !== expectedHead) {
      const message = `the head is ${tail.head}, the append expected ${expectedHead}`;
      throw new EventLogError('conflict', message);
    }
    if (events.length === 0) return tail.head;
    const { frames, link } = batchOf(events, tail.head + 1, tail.link, this.#messageBytesMax);
    // Until the last part is acknowledged nobody knows where the log ends.
    this.#tail = undefined;
    let { sequence } = tail;
    for (const [part, frame] of frames.entries()) {
      const msgID = `${Buffer.from(link).toString('hex')}/${sequence}/${part}`;
      sequence = await this.#publish(frame, msgID, sequence);
    }
    const head = tail.head + events.length;
    this.#tail = { head, link, sequence };
    return head;
  }

  async #publish(frame: Uint8Array, msgID: string, lastSequence: number): Promise<number> {
    try {
      const { seq } = await this.#client.publish(this.#stream.subject, frame, {
        msgID,
        expect: { lastSequence },
        timeout: PUBLISH_WITHIN_MS,
        retries: PUBLISH_TRIES,
      });
      return seq;
    } catch (cause) {
      if (!isApiError(cause, JetStreamApiCodes.StreamWrongLastSequence)) throw cause;
      // It may be our own first try, whose acknowledgement was lost.
      const next = await this.#stored.message(lastSequence + 1);
      if (next !== undefined && Buffer.compare(next, frame) === 0) return lastSequence + 1;
      const message = 'another writer appended to this log';
      throw new EventLogError('conflict', message, { cause });
    }
  }

  /** Where the log ends now, by the stream's newest messages. */
  async #look(): Promise<Tail> {
    const { name } = this.#stream;
    const { state } = await patiently(() => this.#manager.streams.info(name));
    const sequence = state.last_seq;
    if (this.#tail?.sequence === sequence) return this.#tail;
    const tail = sequence === 0 ? EMPTY : await this.#tailAt(sequence);
    this.#tail = tail;
    return tail;
  }

  /** A batch that was cut short ends a log one batch earlier. */
  async #tailAt(sequence: number): Promise<Tail> {
    let at = sequence;
    let part = await this.#stored.part(at);
    while (part.part + 1 < part.parts) {
      at -= part.part + 1;
      if (at < 1) return { ...EMPTY, sequence };
      part = await this.#stored.part(at);
    }
    return { head: part.first + part.count - 1, link: part.link, sequence };
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new EventLogError('stopped', 'the event log was stopped');
  }
}

function asLogError(cause: unknown): EventLogError {
  if (cause instanceof EventLogError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EventLogError('storage', `NATS: ${message}`, { cause });
}
