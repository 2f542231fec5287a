// Takes a task as its argument and prints the report as JSON.

import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SeededRandom } from '@starling/index';
import { secondsOf } from './engines/engine.ts';
import { StarlingEngine } from './engines/starling-engine.ts';

export interface MillionTask {
  /** Holds `base.u8` and `queries.u8`; the index is saved below it. */
  readonly folder: string;
  readonly rows: number;
  readonly dimension: number;
  readonly queryCount: number;
  readonly k: number;
  readonly efSearches: readonly number[];
  readonly seed: number;
}

export interface Pass {
  readonly efSearch: number;
  readonly queriesPerSecond: number;
  readonly distances: number;
  /** `[queryCount × k]` */
  readonly labels: readonly number[];
}

export interface MillionReport {
  readonly buildSeconds: number;
  readonly saveSeconds: number;
  readonly openSeconds: number;
  readonly fileBytesPerVector: number;
  readonly deleted: number;
  readonly millisPerDelete: number;
  readonly unreachable: number;
  /** The most memory the process ever held. */
  readonly peakMebibytes: number;
  /** Searches in the index as it was opened again. */
  readonly passes: readonly Pass[];
}

const M = 16;
const EF_CONSTRUCTION = 200;
const DELETED_SHARE = 0.1;
const KIBIBYTES_PER_MEBIBYTE = 1_024;

const report = await live(JSON.parse(process.argv[2] ?? '{}') as MillionTask);
process.stdout.write(JSON.stringify(report));

async function live(task: MillionTask): Promise<MillionReport> {
  const { dimension, folder, rows } = task;
  const engine = new StarlingEngine({ vectorType: 'u8' });
  const base = readFileSync(join(folder, 'base.u8'));
  const shape = { dimension, rows, m: M, efConstruction: EF_CONSTRUCTION };
  const { seconds: buildSeconds } = await engine.build({ base, ...shape, threads: 1 });
  const saved = join(folder, 'index');
  const { openSeconds, saveSeconds } = await engine.saveAndOpen(saved);
  const { size } = await stat(join(saved, 'vectors.index'));
  const passes = search(engine, task);
  const deleted = Math.floor(rows * DELETED_SHARE);
  const deleteSeconds = secondsOf(() => deleteSome(engine, task, deleted));
  const { live, reachable } = engine.index.verify();
  return {
    buildSeconds,
    saveSeconds,
    openSeconds,
    fileBytesPerVector: size / rows,
    deleted,
    millisPerDelete: (1_000 * deleteSeconds) / deleted,
    unreachable: live - reachable,
    peakMebibytes: process.resourceUsage().maxRSS / KIBIBYTES_PER_MEBIBYTE,
    passes,
  };
}

function search(engine: StarlingEngine, task: MillionTask): Pass[] {
  const { dimension, efSearches, folder, k, queryCount } = task;
  engine.prepare(readFileSync(join(folder, 'queries.u8')), dimension);
  const queries = Array.from({ length: queryCount }, (_, query) => query);
  return efSearches.map((efSearch) => {
    engine.setEfSearch(efSearch);
    const results = queries.map((query) => engine.search(query, k));
    const seconds = secondsOf(() => {
      for (const query of queries) engine.search(query, k);
    });
    const distances = results.reduce((sum, result) => sum + engine.distancesOf(result), 0);
    return {
      efSearch,
      queriesPerSecond: queryCount / seconds,
      distances: distances / queryCount,
      labels: results.flatMap((result) => engine.labelsOf(result)),
    };
  });
}

/** Random rows, each once. */
function deleteSome({ index }: StarlingEngine, { rows, seed }: MillionTask, count: number): void {
  const random = new SeededRandom(seed);
  for (let deleted = 0; deleted < count; ) {
    if (index.delete(`${Math.floor(random.nextOpenUnit() * rows)}`)) deleted++;
  }
}
