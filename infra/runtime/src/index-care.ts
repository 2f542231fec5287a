// Looks after the vector index of a folder, or of a site that does not run.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqlitePeerStore, PEER_STORE_FILE } from '@starling/adapters';
import {
  type CollectionInspection,
  compactFolder,
  describeDamage,
  formatInspection,
  IndexError,
  inspectFolder,
  type RepairReport,
  repairFolder,
  type VerifyReport,
  verifyFolder,
} from '@starling/index';
import { decodeCanonical } from '@starling/shared';
import { readControl } from './local-api/control-file.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';

/** Bytes of the record that names the generation. */
const RECORD_BYTES_MAX = 4_096;

/** Which index is meant. */
export interface IndexPlace {
  /** The folder of a collection or of a single saved index. */
  readonly folder?: string | undefined;
  /** The site whose active generation is meant when there is no folder. */
  readonly home: string;
}

/** What was found or done: as data, as lines for people, and whether all is well. */
export interface IndexAnswer {
  readonly folder: string;
  readonly isSound: boolean;
  readonly data: object;
  readonly lines: readonly string[];
}

/** Findings about the graph and what it was asked; not sound with a critical one. */
export async function inspectSiteIndex(place: IndexPlace): Promise<IndexAnswer> {
  return answered(place, async (folder) => {
    const inspection: CollectionInspection = await inspectFolder(folder);
    const isSound = inspection.findings.every(({ severity }) => severity !== 'critical');
    return { folder, isSound, data: inspection, lines: formatInspection(inspection) };
  });
}

/** Reads every byte and walks every graph; not sound with any damage. */
export async function verifyIndex(place: IndexPlace): Promise<IndexAnswer> {
  return answered(place, async (folder) => {
    const report = await verifyFolder(folder);
    const isSound = report.damages.length === 0;
    return { folder, isSound, data: report, lines: verifyLines(report) };
  });
}

/** Builds anew what can be; not sound while damage remains. */
export async function repairIndex(
  place: IndexPlace,
  options: { readonly dryRun: boolean; readonly force: boolean },
): Promise<IndexAnswer> {
  return answered(place, async (folder) => {
    const report = await repairFolder(folder, options);
    const isSound = report.refused.length === 0 && report.damagesAfter.length === 0;
    return { folder, isSound, data: report, lines: repairLines(report) };
  });
}

/** Erases deleted rows and closes holes. */
export async function compactIndex(place: IndexPlace): Promise<IndexAnswer> {
  return answered(place, async (folder) => {
    const report = await compactFolder(folder);
    const { rows, slotsAfter, slotsBefore } = report;
    const lines = [`${rows} rows in ${slotsAfter} slots, ${slotsBefore} before`];
    return { folder, isSound: true, data: report, lines };
  });
}

async function answered(
  place: IndexPlace,
  job: (folder: string) => Promise<IndexAnswer>,
): Promise<IndexAnswer> {
  const folder = place.folder ?? (await generationOf(place.home));
  try {
    return await job(folder);
  } catch (cause) {
    if (!(cause instanceof IndexError)) throw cause;
    if (cause.code === 'missing-file') {
      throw new RuntimeError('not-an-index', cause.message, { cause });
    }
    if (cause.code !== 'corrupt-file') throw cause;
    const advice = `run "starling index verify ${folder}" to see all that is damaged`;
    throw new RuntimeError('damaged-index', `${cause.message}; ${advice}`, { cause });
  }
}

/**
 * The folder of the generation that a stopped site answers from.
 *
 * @throws {RuntimeError} `not-a-site`, `already-running`, `not-an-index` before the first generation
 */
async function generationOf(home: string): Promise<string> {
  const { role } = await readConfig(home);
  if (role !== 'peer') {
    throw new RuntimeError('not-a-site', `${home} is a coordinator's folder: it has no index`);
  }
  const control = await readControl(home);
  if (control !== undefined && isAlive(control.pid)) {
    const message = `${home} is in use by process ${control.pid}: stop the site, then try again`;
    throw new RuntimeError('already-running', message);
  }
  const folder = await recordedFolder(home);
  if (folder !== undefined) return join(home, 'index', folder);
  const message = `${home} has no index yet: add documents and start the site, or name a folder`;
  throw new RuntimeError('not-an-index', message);
}

async function recordedFolder(home: string): Promise<string | undefined> {
  // Opening a store creates it.
  const isThere = await access(join(home, PEER_STORE_FILE)).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const store = openSqlitePeerStore(home);
  try {
    const stored = await store.get('state', 'generation');
    const decoded = stored === undefined ? undefined : decodeCanonical(stored, RECORD_BYTES_MAX);
    const record = decoded?.ok ? decoded.value : undefined;
    if (typeof record !== 'object' || record === null || !('folder' in record)) return undefined;
    const { folder } = record as { readonly folder: unknown };
    return typeof folder === 'string' ? folder : undefined;
  } finally {
    await store.stop();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function verifyLines(report: VerifyReport): string[] {
  const { bytes, damages, files, logRecords, rows, searchedRows, tornLogBytes } = report;
  const read = `${files} files, ${bytes} bytes read`;
  if (damages.length > 0) return [...damages.map(describeDamage), read];
  const torn = tornLogBytes > 0 ? [`${tornLogBytes} bytes of a write that a crash cut`] : [];
  return [
    `sound: ${rows} rows, ${searchedRows} of them asked to find themselves`,
    `${read}, ${logRecords} records in the log alone`,
    ...torn,
  ];
}

function repairLines(report: RepairReport): string[] {
  const { damagesAfter, findingsAfter, outcome, refused, steps } = report;
  const left = outcome === 'planned' || refused.length > 0 ? [] : damagesAfter;
  return [
    outcome,
    ...steps.map(({ action, detail, file, keptAs }) => {
      const kept = keptAs.length > 0 ? `; kept as ${keptAs.join(', ')}` : '';
      return `${action} ${file}: ${detail}${kept}`;
    }),
    ...refused.map((damage) => `refused: ${describeDamage(damage)}`),
    ...left.map((damage) => `remains: ${describeDamage(damage)}`),
    ...findingsAfter.map(({ advice, name, severity }) => `${severity}: ${name}: ${advice}`),
  ];
}
