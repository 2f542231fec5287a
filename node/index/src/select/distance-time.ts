import type { VectorType } from '../vector-index.ts';
import type { SearchKind } from './cost-model.ts';

interface Rate {
  /** Of a distance whatever its length: heaps, marks, calls. */
  readonly baseNs: number;
  readonly perByteNs: number;
}

// A scan reads rows in the order in which they lie, a graph jumps from row to row.
const SCAN: Rate = { baseNs: 5, perByteNs: 0.04 };
const WALK: Rate = { baseNs: 60, perByteNs: 0.14 };

/** Of a row as searches compare it, about. */
const COMPONENT_BYTES: Readonly<Record<VectorType, number>> = {
  f32: 4,
  // Half the bytes of f32, and twice the work on them.
  f16: 4,
  u8: 1,
  sq8: 1,
  pq8: 1 / 8,
  pq4: 1 / 4,
  binary: 1 / 8,
  rabitq: 1 / 8,
};

/** About how long one distance takes on one thread; only the ratios between kinds matter. */
export function distanceNanoseconds(
  kind: SearchKind,
  { dimension, vectorType }: { readonly dimension: number; readonly vectorType: VectorType },
): number {
  const { baseNs, perByteNs } = kind === 'hnsw' ? WALK : SCAN;
  return baseNs + perByteNs * dimension * COMPONENT_BYTES[vectorType];
}
