import { existsSync } from 'node:fs';
import test from 'ava';
import {
  HEART_FEATURES,
  HEART_FOLDER,
  PUBLISHED_SPLIT,
  readHospitals,
  splitHospitals,
} from './heart-hospitals.ts';

const withData = existsSync(HEART_FOLDER) ? test : test.skip;

withData('the four hospitals split as FLamby publishes them', async (t) => {
  const { sites, pooled } = splitHospitals(await readHospitals(), PUBLISHED_SPLIT);
  const counts = sites.map(({ site, train, test: held }) => [
    site,
    train.y.length,
    held.y.length,
    held.y.reduce((sum, label) => sum + label, 0),
  ]);
  t.deepEqual(counts, [
    ['cleveland', 199, 104, 48],
    ['hungarian', 172, 89, 33],
    ['switzerland', 30, 16, 15],
    ['va', 85, 45, 35],
  ]);
  t.is(pooled.train.x.length, 486 * HEART_FEATURES);
  t.is(pooled.test.y.length, 254);
});

withData('every site is normalised by its own training rows', async (t) => {
  const { sites } = splitHospitals(await readHospitals(), PUBLISHED_SPLIT);
  for (const { train } of sites) {
    const rows = train.y.length;
    for (let k = 0; k < HEART_FEATURES; k++) {
      let [sum, squares] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const value = train.x[row * HEART_FEATURES + k] ?? 0;
        sum += value;
        squares += value * value;
      }
      t.true(Math.abs(sum) < 1e-3);
      t.true(squares === 0 || Math.abs(squares / (rows - 1) - 1) < 1e-4);
    }
  }
});
