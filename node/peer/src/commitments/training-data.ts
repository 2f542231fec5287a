// The documents that a round trained on, named so that they are found again after others were added.

import { domainDigest } from '@starling/crypto';
import {
  bytesSchema,
  type CborValue,
  type Digest,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  RECORD_BYTES_MAX,
  z,
} from '@starling/shared';
import type { PairRows } from '@starling/training';
import type { Collection, Document } from '../collection.ts';
import { PeerError } from '../peer-error.ts';

const ID_BYTES = 32;
/** Enough to tell which query was replaced; the digest of the whole covers every bit. */
const MARK_BYTES = 8;
const NAMED_MAX = 3;

/** A split as it was: the ids of its documents in order, and a mark of each one's query. */
export interface TrainingData {
  /** Of all ids and queries. */
  readonly digest: Digest;
  /** `[documents × 32]` */
  readonly ids: Uint8Array;
  /** `[documents × 8]` */
  readonly marks: Uint8Array;
}

const storedSchema = z.strictObject({ digest: digestSchema, ids: bytesSchema, marks: bytesSchema });

/** Names these documents, in this order. */
export function describeData(documents: readonly Document[]): TrainingData {
  const ids = new Uint8Array(documents.length * ID_BYTES);
  const marks = new Uint8Array(documents.length * MARK_BYTES);
  const queries = new Uint8Array(documents.length * ID_BYTES);
  for (const [i, { id, query }] of documents.entries()) {
    const digest = Buffer.from(queryDigest(query), 'hex');
    ids.set(Buffer.from(id, 'hex'), i * ID_BYTES);
    queries.set(digest, i * ID_BYTES);
    marks.set(digest.subarray(0, MARK_BYTES), i * MARK_BYTES);
  }
  return { digest: domainDigest('starling/training-data/v1', ids, queries), ids, marks };
}

/**
 * The rows of the documents that `data` names.
 * @throws {PeerError} `training-data-gone` when one is missing or its query is another one now
 */
export function rowsOf(data: TrainingData, collection: Collection): PairRows {
  const gone: string[] = [];
  const changed: string[] = [];
  const documents: Document[] = [];
  for (let i = 0; i * ID_BYTES < data.ids.length; i++) {
    const id = hex(data.ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
    const document = collection.find(id);
    if (document === undefined) {
      gone.push(id);
      continue;
    }
    const mark = hex(data.marks.subarray(i * MARK_BYTES, (i + 1) * MARK_BYTES));
    if (!queryDigest(document.query).startsWith(mark)) changed.push(document.source);
    documents.push(document);
  }
  if (gone.length > 0) throw dataGone(data, 'are not here any more', gone);
  if (changed.length > 0) throw dataGone(data, 'have another query now', changed);
  if (describeData(documents).digest !== data.digest) {
    throw new PeerError('training-data-gone', 'the list of documents that was kept is damaged');
  }
  return collection.rowsOf(documents.map(({ id }) => id));
}

/** How many documents it names. */
export function documentCount({ ids }: Pick<TrainingData, 'ids'>): number {
  return ids.length / ID_BYTES;
}

export function encodeData({ digest, ids, marks }: TrainingData): Uint8Array {
  return encodeCanonical({ digest, ids, marks } as CborValue);
}

export function decodeData(value: Uint8Array): TrainingData {
  const decoded = decodeCanonical(value, RECORD_BYTES_MAX);
  return storedSchema.parse(decoded.ok ? decoded.value : undefined);
}

function queryDigest(query: string): Digest {
  return domainDigest('starling/training-query/v1', new TextEncoder().encode(query));
}

function dataGone(data: TrainingData, what: string, named: readonly string[]): PeerError {
  const all = documentCount(data);
  const first = named.slice(0, NAMED_MAX).join(', ');
  const message = `${named.length} of the ${all} documents that were trained on ${what}: ${first}`;
  return new PeerError('training-data-gone', named.length > NAMED_MAX ? `${message} …` : message);
}

function hex(part: Uint8Array): string {
  return Buffer.from(part).toString('hex');
}
