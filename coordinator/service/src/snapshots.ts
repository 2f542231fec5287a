// Snapshots of the state beside the log: one every so many events, so that a start replays no more
// than these. Whatever is wrong with one costs a longer replay and a warning.

import {
  decodeEvent,
  encodeSnapshot,
  eventDigest,
  type FederationState,
  foldEvent,
  hasFieldsOf,
  openSnapshot,
} from '@starling/rules';
import type { EventLog, Logger, SnapshotStore, StoredEvent } from '@starling/shared';

/** Events between two snapshots: what a start replays at most, as long as they can be written. */
export const SNAPSHOT_EVERY_EVENTS = 1_000;

export class Snapshots {
  readonly #store: SnapshotStore;
  readonly #logger: Logger;
  readonly #everyEvents: number;
  #newest: number;
  #writing: Promise<void> = Promise.resolve();

  /** @param newest the event up to which nothing more is to be kept; 0 where nothing was */
  constructor(store: SnapshotStore, logger: Logger, everyEvents: number, newest: number) {
    this.#store = store;
    this.#logger = logger;
    this.#everyEvents = everyEvents;
    this.#newest = newest;
  }

  /** Keeps the state when enough events came since the newest snapshot. Never throws. */
  follow(state: FederationState, newest: StoredEvent): void {
    if (state.head - this.#newest < this.#everyEvents) return;
    this.#newest = state.head;
    const seq = state.head;
    try {
      const bytes = encodeSnapshot(state, newest);
      this.#writing = this.#writing.then(() => this.#keep(seq, bytes));
    } catch (error) {
      this.#warn(seq, error);
    }
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #keep(seq: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.#store.keep({ bytes, seq });
      this.#logger.info('snapshot kept', { seq, bytes: bytes.byteLength });
    } catch (error) {
      this.#warn(seq, error);
    }
  }

  #warn(seq: number, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#logger.warn('no snapshot kept, the next start replays more', { seq, detail });
  }
}

/**
 * The state of the newest snapshot that holds and is of this log; undefined where there is none.
 * @throws {EventLogError} when the log cannot be read
 */
export async function loadSnapshot(
  log: EventLog,
  store: SnapshotStore,
  logger: Logger,
): Promise<FederationState | undefined> {
  const ignored = (seq: number, detail: string): undefined => {
    logger.warn('snapshot ignored', { seq, detail });
    return undefined;
  };
  const first = await eventAt(log, 1);
  if (first === undefined) return undefined;
  const empty = foldEvent(undefined, decodeEvent(first));
  const seqs = await store.list().catch((error: unknown) => ignored(0, String(error)));
  for (const seq of seqs ?? []) {
    const bytes = await store.read(seq).catch((error: unknown) => ignored(seq, String(error)));
    if (bytes === undefined) continue;
    const opened = openSnapshot(bytes);
    if (!opened.ok) {
      ignored(seq, opened.refusal.detail);
      continue;
    }
    const { event, seq: at, state } = opened.value;
    const named = await eventAt(log, at);
    if (named === undefined) ignored(seq, `the log ends before event ${at}`);
    else if (eventDigest(named) !== event) ignored(seq, 'it is of another log');
    else if (!hasFieldsOf(state, empty)) ignored(seq, 'its state has other fields than ours');
    else return state;
  }
  return undefined;
}

async function eventAt(log: EventLog, seq: number): Promise<StoredEvent | undefined> {
  if (seq > (await log.head())) return undefined;
  for await (const event of log.read(seq)) return event;
  return undefined;
}
