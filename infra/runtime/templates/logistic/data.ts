// The table of a site. The files in data/ are drawn, not measured; put your own there, one per site.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, configNumber, configText } from '@starling/shared';
import { type ClientContext, csvMatrix, readCsv } from '@starling/training';

/** Columns, with a typical value and spread, so that all sites scale alike without sharing data. */
const SCALES = {
  age: [54, 9],
  pressure: [130, 16],
  cholesterol: [240, 45],
  exercise: [3, 2],
} as const;
export const FEATURES = Object.keys(SCALES);

const FOLDER = join(import.meta.dirname, 'data');

export interface Rows {
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

export async function readSite({
  nodeConfig,
  runConfig,
}: ClientContext): Promise<{ readonly train: Rows; readonly test: Rows }> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.csv')).sort();
  const partition = configNumber(nodeConfig, 'partition-id');
  const file = files[partition];
  if (file === undefined) {
    throw new AppError(
      'invalid-config',
      `node ${partition} has no file: data/ has ${files.length}`,
    );
  }
  const table = await readCsv(join(FOLDER, file));
  const x = csvMatrix(table, FEATURES).map((value, i) => {
    const [center, spread] = Object.values(SCALES)[i % FEATURES.length] ?? [0, 1];
    return (value - center) / spread;
  });
  const y = Uint8Array.from(csvMatrix(table, [configText(runConfig, 'outcome')]));
  const cut = Math.floor((table.rows * 2) / 3);
  const at = cut * FEATURES.length;
  return {
    train: { x: x.subarray(0, at), y: y.subarray(0, cut) },
    test: { x: x.subarray(at), y: y.subarray(cut) },
  };
}
