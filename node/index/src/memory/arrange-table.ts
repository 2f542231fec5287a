// When the order of a table's components is chosen: once, by the first batch that says enough.

import type { Components } from '../codec/codec.ts';
import { freeComponentBytes, orderByVariance } from '../codec/dimension-order.ts';
import type { VectorTable } from './vector-table.ts';

/** Fewer rows say too little about how their components vary. */
export const BATCH_ROWS_MIN = 256;

/**
 * Chooses the order by a checked batch before it is inserted into a table without rows. Nobody may
 * search meanwhile: queries are arranged as rows are.
 */
export function arrangeOnBatch(table: VectorTable, vectors: Components): void {
  const { dimension, rows, slotCount } = table;
  const componentBytes = freeComponentBytes(rows.options);
  if (componentBytes === undefined || slotCount > 0) return;
  if (vectors.length < BATCH_ROWS_MIN * dimension) return;
  const order = orderByVariance(vectors, dimension, componentBytes);
  if (order !== undefined) table.arrange(order);
}
