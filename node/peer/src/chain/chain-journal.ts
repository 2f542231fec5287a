// What a member must remember to stay honest: its own votes before they leave, and what others ask
// it for. One table of the site's store; what is written in one turn shares one flush.

import type { PeerStore, PeerWrite } from '@starling/shared';

const TABLE = 'consensus';

/**
 * Finalize and nullify exclude each other in a view, so they share a slot: the store itself then
 * refuses the second, whatever else went wrong.
 */
export type VoteSlot = 'notarize' | 'close';
/**
 * `decision` by height, `certificate` and `proposal` by view, `candidate` by view and id, `start` by
 * era, the others by name.
 */
export type JournalKind =
  | 'attestation'
  | 'candidate'
  | 'certificate'
  | 'checkpoint'
  | 'decision'
  | 'era'
  | 'evidence'
  | 'genesis'
  | 'pool'
  | 'proposal'
  | 'start'
  | 'vote';

const OF_VIEWS: ReadonlySet<JournalKind> = new Set<JournalKind>([
  'candidate',
  'certificate',
  'proposal',
  'vote',
]);

interface ViewRecord {
  readonly kind: JournalKind;
  readonly name: readonly string[];
  readonly epoch: number;
  readonly view: number;
}

export interface JournalWrite {
  readonly kind: JournalKind;
  readonly name: readonly string[];
  readonly value: Uint8Array | undefined;
}

export interface JournalRecord {
  /** The parts of the key behind the kind. */
  readonly name: readonly string[];
  readonly value: Uint8Array;
}

/** Invariant: a slot of a view holds one vote for ever, and it is on the disk before it is known. */
export class ChainJournal {
  readonly #store: PeerStore;
  readonly #collection: string;
  /** Names of what belongs to a view, so that it can be forgotten once that is decided. */
  readonly #ofViews = new Map<string, ViewRecord>();

  constructor(store: PeerStore, collection: string) {
    this.#store = store;
    this.#collection = collection;
  }

  /**
   * The frame that stands in a slot: this one, or the one that was there before.
   * @throws {PeerStoreError} and then nothing may be sent
   */
  castOnce(epoch: number, view: number, slot: VoteSlot, frame: Uint8Array): Promise<Uint8Array> {
    return this.putIfAbsent('vote', [ordinal(epoch), ordinal(view), slot], frame);
  }

  putIfAbsent(kind: JournalKind, name: readonly string[], value: Uint8Array): Promise<Uint8Array> {
    this.#note(kind, name);
    return this.#store.putIfAbsent(TABLE, this.#key(kind, name), value);
  }

  /** All or none; `undefined` deletes. */
  write(records: readonly JournalWrite[]): Promise<void> {
    for (const { kind, name } of records) this.#note(kind, name);
    const writes = records.map(
      ({ kind, name, value }): PeerWrite => ({ table: TABLE, key: this.#key(kind, name), value }),
    );
    return this.#store.write(writes);
  }

  get(kind: JournalKind, name: readonly string[] = []): Promise<Uint8Array | undefined> {
    return this.#store.get(TABLE, this.#key(kind, name));
  }

  /** Everything of some kinds, in ascending order of the names. */
  async *entries(
    kinds: readonly JournalKind[],
  ): AsyncIterable<JournalRecord & { kind: JournalKind }> {
    const wanted = new Set<string>(kinds);
    for await (const { key, value } of this.#store.entries(TABLE)) {
      const [collection, kind, ...name] = key.split('/');
      if (collection !== this.#collection || kind === undefined || !wanted.has(kind)) continue;
      this.#note(kind as JournalKind, name);
      yield { kind: kind as JournalKind, name, value };
    }
  }

  /** Deletes votes, certificates and undecided blocks of views that are decided. */
  async forget(epoch: number, view: number): Promise<void> {
    const gone: JournalWrite[] = [];
    for (const [key, record] of this.#ofViews) {
      if (record.epoch > epoch || (record.epoch === epoch && record.view > view)) continue;
      this.#ofViews.delete(key);
      gone.push({ kind: record.kind, name: record.name, value: undefined });
    }
    if (gone.length > 0) await this.write(gone);
    for (const { kind, name } of gone) this.#ofViews.delete(this.#key(kind, name));
  }

  #note(kind: JournalKind, name: readonly string[]): void {
    if (!OF_VIEWS.has(kind)) return;
    const [epoch, view] = name.map(Number);
    const record = { kind, name, epoch: epoch ?? 0, view: view ?? 0 };
    this.#ofViews.set(this.#key(kind, name), record);
  }

  #key(kind: JournalKind, name: readonly string[]): string {
    return [this.#collection, kind, ...name].join('/');
  }
}

/** A number whose text sorts as the number does. */
export function ordinal(value: number): string {
  return String(value).padStart(12, '0');
}
