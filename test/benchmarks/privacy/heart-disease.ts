// UCI Heart Disease as four hospitals hold it: 13 attributes of 920 people, many of them missing, and
// whether vessels are narrowed (Janosi, Steinbrunn, Pfisterer and Detrano, 1988).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetFolder } from '../dataset-folder.ts';

export const HEART_FOLDER = datasetFolder('heart-disease');
export const HOSPITALS = ['cleveland', 'hungarian', 'switzerland', 'va'] as const;

export interface Examples {
  /** `[rows × FEATURES]`, the last one is 1. */
  readonly features: Float64Array;
  /** 1 where the disease was found, else 0. */
  readonly labels: Float64Array;
  readonly rows: number;
}

/**
 * Centre and width by which a measured attribute is scaled. Plausible values of the clinic, not taken
 * from the data: what is computed from the data would have to be paid for.
 */
const MEASURED: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0, [50, 15]],
  [3, [130, 25]],
  [4, [230, 60]],
  [7, [140, 30]],
  [9, [1, 1]],
  [11, [1, 1]],
]);
/** Values of the attributes that are codes; each becomes a feature of its own. */
const CODED: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [1]],
  [2, [1, 2, 3, 4]],
  [5, [1]],
  [6, [0, 1, 2]],
  [8, [1]],
  [10, [1, 2, 3]],
  [12, [3, 6, 7]],
]);
const TARGET = 13;

export const FEATURES = MEASURED.size + [...CODED.values()].flat().length + 1;

/** The people of every hospital; undefined when the files are not there. */
export function readHospitals(): Examples[] | undefined {
  const files = HOSPITALS.map((hospital) => join(HEART_FOLDER, `processed.${hospital}.data`));
  if (!files.every((file) => existsSync(file))) return undefined;
  return files.map((file) => {
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    return examplesOf(lines.map((line) => line.split(',')));
  });
}

/** The rows of these indices. */
export function pick(examples: Examples, rows: ArrayLike<number>): Examples {
  const features = new Float64Array(rows.length * FEATURES);
  const labels = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    features.set(examples.features.subarray(row * FEATURES, (row + 1) * FEATURES), i * FEATURES);
    labels[i] = examples.labels[row] as number;
  }
  return { features, labels, rows: rows.length };
}

export function concatenated(parts: readonly Examples[]): Examples {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const features = new Float64Array(rows * FEATURES);
  const labels = new Float64Array(rows);
  let at = 0;
  for (const part of parts) {
    features.set(part.features, at * FEATURES);
    labels.set(part.labels, at);
    at += part.rows;
  }
  return { features, labels, rows };
}

function examplesOf(people: readonly (readonly string[])[]): Examples {
  const features = Float64Array.from(people.flatMap(featuresOf));
  const labels = Float64Array.from(people, (person) => (Number(person[TARGET]) > 0 ? 1 : 0));
  return { features, labels, rows: people.length };
}

function featuresOf(person: readonly string[]): number[] {
  const features: number[] = [];
  for (let attribute = 0; attribute < TARGET; attribute++) {
    const value = measuredValue(person[attribute], attribute);
    const scale = MEASURED.get(attribute);
    // What is missing counts as the centre, and as none of the codes.
    if (scale !== undefined) features.push(value === undefined ? 0 : (value - scale[0]) / scale[1]);
    for (const code of CODED.get(attribute) ?? []) features.push(value === code ? 1 : 0);
  }
  return [...features, 1];
}

function measuredValue(text: string | undefined, attribute: number): number | undefined {
  if (text === undefined || text === '' || text === '?') return undefined;
  const value = Number(text);
  // Blood pressure and cholesterol of zero stand for "not measured".
  return value === 0 && (attribute === 3 || attribute === 4) ? undefined : value;
}
