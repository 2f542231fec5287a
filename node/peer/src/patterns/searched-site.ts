// A generation and its exact counterpart, so that recall can be measured while searches are answered.

import { FlatIndex, type Collection as VectorCollection } from '@starling/index';
import type { SearchedSite } from '@starling/learning';
import type { Clock } from '@starling/shared';
import { type EncoderShape, encode, type SparseRows, selectRows } from '@starling/training';
import type { Collection } from '../collection.ts';

/** Rows encoded, and searches made, between two turns of the event loop. */
const SLICE_ROWS = 64;
const SLICE_SEARCHES = 16;

export interface MeasuredGeneration {
  readonly index: VectorCollection;
  readonly parameters: Float32Array;
  readonly efSearch: number;
}

/** Whose turn it is between slices, and when to stop. */
export interface Turns {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

/**
 * The generation's index beside an exact one over the rows that it has now. Both give way to others;
 * what is asked of them is no observation of the index.
 */
export async function searchedSite(
  { efSearch, index, parameters }: MeasuredGeneration,
  collection: Collection,
  shape: EncoderShape,
  turns: Turns,
): Promise<SearchedSite> {
  const { answers, documents } = collection;
  const known = documents.flatMap(({ id }, row) => (index.has(id) ? [row] : []));
  const exact = new FlatIndex({ dimension: shape.dimension, metric: 'cosine' });
  for (let from = 0; from < known.length; from += SLICE_ROWS) {
    const rows = known.slice(from, from + SLICE_ROWS);
    const ids = rows.map((row) => documents[row]?.id ?? '');
    exact.insertBatch(ids, encode(shape, parameters, selectRows(answers, rows)));
    await turns.clock.sleep(0, turns.signal);
  }
  const facts = { dimension: shape.dimension, metric: 'cosine', size: known.length };
  let searches = 0;
  const inTurn = async () => {
    searches += 1;
    if (searches % SLICE_SEARCHES === 0) await turns.clock.sleep(0, turns.signal);
  };
  return {
    efSearch,
    index: {
      ...facts,
      search: async (query, options) => {
        await inTurn();
        return index.search(query, { ...options, observe: false });
      },
    },
    oracle: {
      ...facts,
      search: async (query, options) => {
        await inTurn();
        return exact.search(query, options);
      },
    },
  };
}

/** As `encode` does, in turns with others. @returns `[rows × dimension]` */
export async function encodedInTurns(
  shape: EncoderShape,
  parameters: Float32Array,
  features: SparseRows,
  { clock, signal }: Turns,
): Promise<Float32Array> {
  const encoded = new Float32Array(features.rows * shape.dimension);
  for (let from = 0; from < features.rows; from += SLICE_ROWS) {
    const count = Math.min(SLICE_ROWS, features.rows - from);
    const rows = Array.from({ length: count }, (_, i) => from + i);
    encoded.set(encode(shape, parameters, selectRows(features, rows)), from * shape.dimension);
    await clock.sleep(0, signal);
  }
  return encoded;
}
