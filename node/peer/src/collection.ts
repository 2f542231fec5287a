// The site's documents: pairs of a query and its answer, durable, hashed once into features.
// Nothing of this file ever reaches a message.

import { digestOf } from '@starling/crypto';
import type { Digest, PeerStore } from '@starling/shared';
import { decodeCanonical, encodeCanonical, RECORD_BYTES_MAX, z } from '@starling/shared';
import { hashTexts, type PairRows, type SparseRows, selectRows } from '@starling/training';
import { type Split, splitOf } from './corpus/pairs.ts';
import { PeerError } from './peer-error.ts';

export const DOCUMENTS_MAX = 200_000;
export const DOCUMENT_CHARS_MAX = 65_536;
/** A store takes some thousand records at once. */
const DOCUMENTS_PER_WRITE = 2_000;

export interface Document {
  /** Digest of the answer: identical answers are one document. */
  readonly id: string;
  /** What somebody would ask; empty when the document is only searched, not trained on. */
  readonly query: string;
  readonly answer: string;
  /** Where it came from, for people. */
  readonly source: string;
}

const documentSchema = z.strictObject({
  answer: z.string().min(1).max(DOCUMENT_CHARS_MAX),
  query: z.string().max(DOCUMENT_CHARS_MAX),
  source: z.string().max(4096),
});

/** Features of one split, row by row, and where each row's answer stands among all documents. */
export interface SplitRows {
  readonly queries: SparseRows;
  readonly answers: SparseRows;
  /** Row of the answer among all documents; `[queries.rows]`. */
  readonly targets: Int32Array;
}

/**
 * Invariant: row r of `answers` belongs to `documents[r]`; rows are ordered by document id, so that
 * every start of the site sees the same order.
 */
export class Collection {
  readonly #store: PeerStore;
  readonly #buckets: number;
  readonly #splitSeed: number;
  #documents: readonly Document[] = [];
  #answers: SparseRows;
  #digest: Digest = digestOf(new Uint8Array());
  #splits = new Map<Split, SplitRows>();

  private constructor(store: PeerStore, buckets: number, splitSeed: number) {
    this.#store = store;
    this.#buckets = buckets;
    this.#splitSeed = splitSeed;
    this.#answers = hashTexts([], buckets);
  }

  /** Loads all documents. @param splitSeed the same at every site of a federation */
  static async open(store: PeerStore, buckets: number, splitSeed: number): Promise<Collection> {
    const collection = new Collection(store, buckets, splitSeed);
    await collection.#load();
    return collection;
  }

  get documents(): readonly Document[] {
    return this.#documents;
  }

  /** Features of every answer, `[documents]` rows. */
  get answers(): SparseRows {
    return this.#answers;
  }

  /** Names the set of answers: changes when one is added. */
  get digest(): Digest {
    return this.#digest;
  }

  get size(): number {
    return this.#documents.length;
  }

  /** The documents with a query that fell into this split. */
  split(split: Split): SplitRows {
    const known = this.#splits.get(split);
    if (known !== undefined) return known;
    const targets = Int32Array.from(
      this.#documents.flatMap(({ query, answer }, row) =>
        query !== '' && splitOf(answer, this.#splitSeed) === split ? [row] : [],
      ),
    );
    const queries = Array.from(targets, (row) => this.#documents[row]?.query ?? '');
    const rows = {
      queries: hashTexts(queries, this.#buckets),
      answers: selectRows(this.#answers, targets),
      targets,
    };
    this.#splits.set(split, rows);
    return rows;
  }

  /**
   * Adds documents; one whose answer is already here replaces it.
   * @returns how many are new
   * @throws {PeerError} `invalid-document`, `limit-exceeded`
   */
  async add(documents: readonly Omit<Document, 'id'>[]): Promise<number> {
    const before = this.size;
    if (before + documents.length > DOCUMENTS_MAX) {
      throw new PeerError('limit-exceeded', `a site holds at most ${DOCUMENTS_MAX} documents`);
    }
    const writes = documents.map(({ query, answer, source }, i) => {
      const parsed = documentSchema.safeParse({ answer, query, source });
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = issue?.path.join('.') ?? '';
        throw new PeerError('invalid-document', `document ${i}, ${where}: ${issue?.message}`);
      }
      const value = encodeCanonical(parsed.data);
      return { table: 'document' as const, key: documentId(answer), value };
    });
    for (let from = 0; from < writes.length; from += DOCUMENTS_PER_WRITE) {
      await this.#store.write(writes.slice(from, from + DOCUMENTS_PER_WRITE));
    }
    await this.#load();
    return this.size - before;
  }

  /** Features of the queries and answers of these documents, in this order; each must be here. */
  rowsOf(ids: readonly string[]): PairRows {
    const at = ids.map((id) => this.#rowOf(id));
    const queries = at.map((row) => this.#documents[row]?.query ?? '');
    return {
      queries: hashTexts(queries, this.#buckets),
      answers: selectRows(this.#answers, at),
    };
  }

  /** The document with this id. */
  find(id: string): Document | undefined {
    return this.#documents[this.#rowOf(id)];
  }

  /** Row of a document, −1 for none. */
  #rowOf(id: string): number {
    let low = 0;
    let high = this.#documents.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#documents[middle] as Document;
      if (found.id === id) return middle;
      if (found.id < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  async #load(): Promise<void> {
    const documents: Document[] = [];
    for await (const { key, value } of this.#store.entries('document')) {
      const decoded = decodeCanonical(value, RECORD_BYTES_MAX);
      const parsed = decoded.ok ? documentSchema.safeParse(decoded.value) : undefined;
      if (!parsed?.success) throw new PeerError('invalid-document', `stored document ${key}`);
      documents.push({ id: key, ...parsed.data });
    }
    this.#documents = documents;
    this.#digest = digestOf(new TextEncoder().encode(documents.map(({ id }) => id).join()));
    this.#answers = hashTexts(
      documents.map(({ answer }) => answer),
      this.#buckets,
    );
    this.#splits = new Map();
  }
}

export function documentId(answer: string): string {
  return digestOf(new TextEncoder().encode(answer));
}
