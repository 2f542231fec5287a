// What the partitioners share: the rows of a data set dealt to clients.

import { TrainingError } from '../training-error.ts';

/** The rows of each client, ascending; no row is in two of them. */
export type Partition = readonly Int32Array[];

export interface PartitionOptions {
  readonly clients: number;
  /** The same seed deals the same rows, on every platform. */
  readonly seed: number;
}

/** Class numbers from 0. */
export type Labels = Int32Array | Uint8Array;

export const PARTITION_CLIENTS_MAX = 1 << 20;
export const PARTITION_ROWS_MAX = 1 << 30;
export const PARTITION_LABELS_MAX = 1 << 16;

/** @throws TrainingError `invalid-options`, naming the violated rule */
export function checkPartition(rows: number, { clients, seed }: PartitionOptions): void {
  if (!Number.isInteger(rows) || rows < 1 || rows > PARTITION_ROWS_MAX) {
    refuse(`there are ${rows} rows to deal: a whole number 1 … ${PARTITION_ROWS_MAX}`);
  }
  checkWhole('clients', clients, PARTITION_CLIENTS_MAX);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    refuse(`seed is ${seed}: a whole number 0 … ${2 ** 32 - 1}`);
  }
  if (rows < clients) refuse(`${rows} rows are too few for ${clients} clients`);
}

export function checkWhole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    refuse(`${name} is ${value}: a whole number 1 … ${most}`);
  }
}

/** The rows of each label, ascending; a label without rows has an empty list. */
export function rowsByLabel(labels: Labels): Int32Array[] {
  const counts: number[] = [];
  for (const [row, label] of labels.entries()) {
    if (label < 0 || label >= PARTITION_LABELS_MAX) {
      refuse(`labels[${row}] is ${label}: a class number 0 … ${PARTITION_LABELS_MAX - 1}`);
    }
    while (counts.length <= label) counts.push(0);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  const rows = counts.map((count) => new Int32Array(count));
  counts.fill(0);
  for (const [row, label] of labels.entries()) {
    const at = counts[label] ?? 0;
    (rows[label] as Int32Array)[at] = row;
    counts[label] = at + 1;
  }
  return rows;
}

/** `rows` cut into `parts` whose sizes differ by one at most. */
export function cutEvenly(rows: Int32Array, parts: number): Int32Array[] {
  const cut = (part: number) => Math.floor((part * rows.length) / parts);
  return Array.from({ length: parts }, (_, part) => rows.subarray(cut(part), cut(part + 1)));
}

/** One ascending list of several. */
export function merged(lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

export function refuse(message: string): never {
  throw new TrainingError('invalid-options', message);
}
