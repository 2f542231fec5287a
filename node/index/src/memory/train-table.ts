// When a vector type learns, and from which rows. Equal seeds and rows teach the same.

import type { Components } from '../codec/codec.ts';
import { learnsFromRows } from '../codec/create-codec.ts';
import { TRAINING } from '../codec/row-options.ts';
import { IndexError } from '../index-error.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { VectorTable } from './vector-table.ts';

/** Learns from a checked batch that is enough by itself, before it is inserted. */
export function trainOnBatch(table: VectorTable, vectors: Components): void {
  const { dimension, rows } = table;
  if (rows.isTrained || vectors.length / dimension < rows.trainingRows) return;
  if (rows.exact === undefined) return;
  const picked = pick(table, vectors.length / dimension);
  train(table, picked, (row) => vectors.subarray(row * dimension, (row + 1) * dimension));
}

/** Learns from the stored rows once there are enough. */
export function trainWhenDue(table: VectorTable): void {
  if (!table.rows.isTrained && table.size >= table.rows.trainingRows) trainTable(table);
}

/**
 * Learns anew, from a sample or from the stored rows, and encodes all of them.
 *
 * @param sample - `[n × dimension]`, finite
 * @throws IndexError `invalid-option` without rows to learn from, or without exact rows to encode
 */
export function trainTable(table: VectorTable, sample?: Components): void {
  const { dimension, rows } = table;
  if (!learnsFromRows(rows.options)) return;
  if (rows.exact === undefined && table.size > 0) {
    throw new IndexError(
      'invalid-option',
      `${table.size} rows were encoded and have no exact rows to be encoded from again; train an ` +
        'empty index, or keep exact rows',
    );
  }
  if (sample !== undefined) {
    rows.codec.checkComponents(sample);
    const picked = pick(table, sample.length / dimension);
    train(table, picked, (row) => sample.subarray(row * dimension, (row + 1) * dimension));
    return;
  }
  const slots = [...namedSlots(table)];
  train(table, pick(table, slots.length), (row) => table.vectorOf(slots[row] as number));
}

function train(
  table: VectorTable,
  picked: readonly number[],
  rowAt: (row: number) => Components,
): void {
  const { dimension } = table;
  const rows = new Float32Array(picked.length * dimension);
  for (const [at, row] of picked.entries()) rows.set(rowAt(row), at * dimension);
  table.rows.train(table.memory, namedSlots(table), rows);
}

// Knuth's algorithm S: every row is as likely as any other, and they keep their order.
function pick(table: VectorTable, count: number): number[] {
  const wanted = Math.min(count, TRAINING.sampleRowsMax);
  const random = new SeededRandom(table.rows.options.seed ?? 1);
  const picked: number[] = [];
  for (let row = 0; row < count && picked.length < wanted; row++) {
    if (random.nextOpenUnit() * (count - row) < wanted - picked.length) picked.push(row);
  }
  return picked;
}

function* namedSlots(table: VectorTable): Generator<number> {
  for (let slot = 0; slot < table.slotCount; slot++) if (table.ids.has(slot)) yield slot;
}
