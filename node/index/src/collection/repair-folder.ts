// Repairs a folder, whether it opens or not. Files come first: either all that is damaged can be
// built anew, or no file is changed. Then the graphs are mended.

import { INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { Collection } from './collection.ts';
import { type Damage, UNREPAIRABLE } from './damage-report.ts';
import { inspectRead } from './inspect-folder.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { readCollection, withFolder } from './read-collection.ts';
import { repairSegments } from './repair-collection.ts';
import { repairIndexFile } from './repair-index-file.ts';
import { repairLog } from './repair-log.ts';
import { outcomeOf, type RepairReport, type RepairStep } from './repair-report.ts';
import type { CollectionStorage } from './storage.ts';
import { surveyLog } from './survey-log.ts';
import { type FolderContext, verifyLocked } from './verify-collection.ts';
import { removeWorkload, WORKLOAD_NAME } from './workload-file.ts';

export interface RepairOptions extends FolderContext {
  /** Consent to give up log records that cannot be read. */
  readonly force?: boolean;
  /** Says what would be done and changes nothing. */
  readonly dryRun?: boolean;
}

/**
 * Repairs a collection or a single saved index that no process has open. What only a copy can
 * replace is refused by name, and then no file is changed; what is replaced is kept as `*.damaged`.
 *
 * @throws IndexError `missing-file` when the folder holds neither, `collection-locked`,
 *   `newer-format`, `storage-failed`
 */
export async function repairFolder(
  folder: string,
  { dryRun = false, force = false, signal, storage = NODE_STORAGE }: RepairOptions = {},
): Promise<RepairReport> {
  const context = { folder, storage, dryRun, force, signal };
  const files = await withFolder(folder, storage, () => repairFiles(context));
  const isBlocked = files.refused.length > 0 || (dryRun && files.steps.length > 0);
  if (isBlocked) return whole(files, undefined, dryRun);
  return whole(files, await repairGraphs(context), dryRun);
}

interface Context {
  readonly folder: string;
  readonly storage: CollectionStorage;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
}

interface RepairedFiles {
  readonly damages: readonly Damage[];
  readonly steps: readonly RepairStep[];
  readonly refused: readonly Damage[];
}

/** Passes over the files: behind a damage that was mended there may be another. */
const PASSES_MAX = 4;

async function repairFiles(context: Context): Promise<RepairedFiles> {
  const first = await repairPass(context);
  const steps = [...first.steps];
  let last = first;
  for (let pass = 1; pass < PASSES_MAX && last.steps.length > 0 && !context.dryRun; pass++) {
    last = await repairPass(context);
    steps.push(...last.steps);
  }
  return { damages: first.damages, steps, refused: last.refused };
}

async function repairPass(context: Context): Promise<RepairedFiles> {
  const { folder, signal, storage } = context;
  const { damages } = await verifyLocked(folder, storage, signal);
  const refused = damages.filter((damage) => isRefused(damage, context.force));
  if (refused.length > 0) return { damages, steps: [], refused };
  const manifest = await readManifest(storage, folder);
  const steps: RepairStep[] = [];
  const broken = new Set(damages.map(({ file }) => file).filter(isIndexFile));
  for (const file of broken) {
    const step = await mendIndexFile(context, file);
    if ('action' in step) steps.push(step);
    else return { damages, steps, refused: [step] };
  }
  if (manifest !== undefined) steps.push(...(await mendLog(context, manifest)));
  if (damages.some(({ file }) => file === WORKLOAD_NAME)) steps.push(await dropQueries(context));
  return { damages, steps, refused };
}

function isRefused({ mending }: Damage, force: boolean): boolean {
  return mending === 'impossible' || (mending === 'by-force' && !force);
}

function isIndexFile(file: string): boolean {
  return file.endsWith(INDEX_FILE_NAME);
}

async function mendIndexFile(
  { dryRun, folder, signal, storage }: Context,
  file: string,
): Promise<RepairStep | Damage> {
  const segment = file.slice(0, -INDEX_FILE_NAME.length - 1) || '.';
  try {
    return await repairIndexFile(storage, folder, segment, { dryRun, signal });
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== 'corrupt-file') throw error;
    return { kind: 'contradiction', file, detail: error.message, ...UNREPAIRABLE };
  }
}

async function mendLog(context: Context, manifest: Manifest): Promise<RepairStep[]> {
  const { dryRun, folder, storage } = context;
  const start = { number: manifest.firstLog, sequence: manifest.sequence };
  const { damage } = await surveyLog(storage, folder, start);
  return damage === undefined ? [] : [await repairLog(storage, folder, damage, dryRun)];
}

async function dropQueries({ dryRun, folder, storage }: Context): Promise<RepairStep> {
  if (!dryRun) await removeWorkload(storage, folder);
  const detail = 'the damaged sample of queries removed';
  return { action: 'remove-queries', file: WORKLOAD_NAME, detail, keptAs: [] };
}

/** Mends the graphs of a folder whose files are sound. */
async function repairGraphs(context: Context): Promise<RepairReport> {
  const { dryRun, folder, signal, storage } = context;
  const manifest = await readManifest(storage, folder);
  if (manifest !== undefined && !dryRun) {
    await using collection = await Collection.open(folder, {}, { storage });
    return await collection.repair(signal === undefined ? {} : { signal });
  }
  return withFolder(folder, storage, async () => {
    const { options, segments } = await readCollection(folder, manifest, storage, signal);
    const exclusive = <T>(job: () => Promise<T>) => job();
    const report = await repairSegments(
      {
        ...{ segments, exclusive },
        findings: async () => {
          const read = { options, segments };
          return (await inspectRead(folder, read, storage, signal)).findings;
        },
      },
      signal === undefined ? { dryRun } : { dryRun, signal },
    );
    const index = segments.segments[0]?.index;
    const isChanged = !dryRun && report.steps.length > 0;
    if (isChanged && index !== undefined) await storage.saveIndex(index, folder, signal);
    return report;
  });
}

function whole(
  { damages, refused, steps }: RepairedFiles,
  graphs: RepairReport | undefined,
  dryRun: boolean,
): RepairReport {
  const report = {
    steps: [...steps, ...(graphs?.steps ?? [])],
    refused,
    damagesBefore: damages,
    damagesAfter: graphs?.damagesAfter ?? damages,
    findingsBefore: graphs?.findingsBefore ?? [],
    findingsAfter: graphs?.findingsAfter ?? [],
  };
  const isPlan = dryRun && refused.length === 0 && report.steps.length > 0;
  return { ...report, outcome: isPlan ? 'planned' : outcomeOf(report) };
}
