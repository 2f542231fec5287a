// How well a model finds this site's answers: exact ranking over all of its documents.

import {
  type EncoderShape,
  encode,
  evaluateRetrieval,
  type RetrievalMetrics,
} from '@starling/training';
import type { Collection } from './collection.ts';
import type { Split } from './corpus/pairs.ts';

/**
 * recall@10 and MRR of a split's queries against every document of the site.
 * @param parameters `[buckets × dimension]`
 * @throws {TrainingError} `non-finite-score` for a broken model
 */
export function measureRetrieval(
  collection: Collection,
  split: Split,
  shape: EncoderShape,
  parameters: Float32Array,
): RetrievalMetrics {
  const { queries, targets } = collection.split(split);
  return evaluateRetrieval(
    encode(shape, parameters, queries),
    encode(shape, parameters, collection.answers),
    targets,
    shape.dimension,
  );
}
