// The coordinator's memory: one append-only log, everything else is a fold of it.

/** An event as stored: its payload is canonical CBOR of the schema that `type` names. */
export interface StoredEvent {
  /** 1 for the first event, without gaps. */
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly payload: Uint8Array;
}

export type NewEvent = Omit<StoredEvent, 'seq'>;

export type EventLogErrorCode = 'conflict' | 'storage' | 'corrupt' | 'stopped';

export class EventLogError extends Error {
  override readonly name = 'EventLogError';
  readonly code: EventLogErrorCode;

  constructor(code: EventLogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface EventLog {
  /** Number of the newest event, 0 when empty. */
  head(): Promise<number>;
  /**
   * Appends all events or none; durable (survives kill -9 and power loss) when it resolves.
   * @returns the number of the last appended event.
   * @throws {EventLogError} `conflict` when the head is not `expectedHead`.
   */
  append(events: readonly NewEvent[], expectedHead: number): Promise<number>;
  /** Events with `seq >= from`, in order. */
  read(from: number): AsyncIterable<StoredEvent>;
  stop(): Promise<void>;
}
