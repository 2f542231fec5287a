// Fed-Heart-Disease as FLamby prepares it (Ogier du Terrail et al. 2022): ten of the thirteen
// attributes, rows that have them all, codes as indicators without the first level, a stratified split
// of two thirds, and each site normalised by its own training rows. As there, the pooled rows are
// normalised by the training rows of all sites: the published accuracies are of those.

import { Mt19937 } from '@starling/consensus';
import { readCsv, siteFiles } from '@starling/training';
import { datasetFolder } from '../dataset-folder.ts';
import { numpyPermutation } from './numpy-permutation.ts';
import { deviationOf, meanOf } from './published-table.ts';

export const HEART_FOLDER = datasetFolder('heart-disease');
export const HEART_FEATURES = 13;
export const PUBLISHED_SPLIT = 43;

const MEASURED = ['age', 'sex', 'trestbps', 'chol', 'fbs', 'thalach', 'exang', 'oldpeak'];
const CODED: readonly (readonly [string, readonly number[]])[] = [
  ['cp', [2, 3, 4]],
  ['restecg', [1, 2]],
];
const TARGET = 'target';
const TRAIN_SHARE = 0.66;
const STRATUM_ROWS_SKIPPED = 2;

export interface HeartSplit {
  readonly sites: readonly SiteSplit[];
  readonly pooled: { readonly train: HeartSamples; readonly test: HeartSamples };
}

export interface SiteSplit {
  readonly site: string;
  readonly train: HeartSamples;
  readonly test: HeartSamples;
}

export interface HeartSamples {
  /** `[rows × HEART_FEATURES]` */
  readonly x: Float32Array;
  /** 1 where the disease was found. */
  readonly y: Float32Array;
}

interface Hospital {
  readonly site: string;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** The four hospitals by name. @throws TrainingError `empty-dataset` when the files are not there */
export async function readHospitals(): Promise<Hospital[]> {
  const files = await siteFiles(HEART_FOLDER, '.data');
  return Promise.all(
    files.map(async ({ site, path }) => {
      const select = [...MEASURED, ...CODED.map(([name]) => name), TARGET];
      const { rows: count, columns } = await readCsv(path, { select, onMissing: 'skip' });
      const values = new Map(columns.map(({ name, values }) => [name, values]));
      const at = (name: string, row: number) => Number(values.get(name)?.[row]);
      const rows = Array.from({ length: count }, (_, row) => [
        ...MEASURED.map((name) => at(name, row)),
        ...CODED.flatMap(([name, codes]) => codes.map((code) => (at(name, row) === code ? 1 : 0))),
      ]);
      const labels = rows.map((_, row) => (at(TARGET, row) > 0 ? 1 : 0));
      return { site: site.replace('processed.', ''), rows, labels };
    }),
  );
}

/**
 * Two thirds of the ill and of the others, as scikit-learn draws them from a seed; where one of them are
 * two or fewer, two thirds of all. FLamby's own split has the seed `PUBLISHED_SPLIT`.
 */
export function splitHospitals(hospitals: readonly Hospital[], seed: number): HeartSplit {
  const parts = hospitals.map(({ site, rows, labels }) => {
    const trains = trainingRows(labels, new Mt19937(seed));
    const people = rows.map((values, row) => ({ values, label: labels[row] ?? 0 }));
    return {
      site,
      train: people.filter((_, row) => trains[row] === 1),
      test: people.filter((_, row) => trains[row] === 0),
    };
  });
  const everyone = parts.flatMap(({ train }) => train);
  return {
    sites: parts.map(({ site, train, test }) => ({
      site,
      train: normalized(train, train),
      test: normalized(test, train),
    })),
    pooled: {
      train: normalized(everyone, everyone),
      test: normalized(
        parts.flatMap(({ test }) => test),
        everyone,
      ),
    },
  };
}

export function joined(parts: readonly HeartSamples[]): HeartSamples {
  return {
    x: Float32Array.from(parts.flatMap(({ x }) => [...x])),
    y: Float32Array.from(parts.flatMap(({ y }) => [...y])),
  };
}

interface Person {
  readonly values: readonly number[];
  readonly label: number;
}

/** By mean and deviation of other people; a feature that they all share keeps its width. */
function normalized(people: readonly Person[], by: readonly Person[]): HeartSamples {
  const scales = Array.from({ length: HEART_FEATURES }, (_, k) => {
    const own = by.map(({ values }) => values[k] ?? 0);
    return { mean: meanOf(own), stdDev: deviationOf(own) || 1 };
  });
  const scaled = ({ values }: Person) =>
    scales.map(({ mean, stdDev }, k) => ((values[k] ?? 0) - mean) / stdDev);
  return {
    x: Float32Array.from(people.flatMap(scaled)),
    y: Float32Array.from(people, ({ label }) => label),
  };
}

/** 1 for every training row. */
function trainingRows(labels: readonly number[], random: Mt19937): Uint8Array {
  const trains = new Uint8Array(labels.length);
  const size = Math.floor(TRAIN_SHARE * labels.length);
  const strata = [0, 1].map((label) => [...labels.keys()].filter((row) => labels[row] === label));
  if (strata.some(({ length }) => length <= STRATUM_ROWS_SKIPPED)) {
    const order = numpyPermutation(random, labels.length);
    for (const row of order.subarray(labels.length - size)) trains[row] = 1;
    return trains;
  }
  for (const own of strata) {
    const count = Math.round((size * own.length) / labels.length);
    const order = numpyPermutation(random, own.length);
    for (const at of order.subarray(0, count)) trains[own[at] ?? 0] = 1;
  }
  return trains;
}
