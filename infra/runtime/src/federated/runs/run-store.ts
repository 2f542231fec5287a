// Runs of apps under a home folder: one folder each, with its record, its rounds, its log and its model.

import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@starling/shared';
import { isRunning, processLine } from '../../processes/process-table.ts';
import { RuntimeError } from '../../runtime-error.ts';
import type { RoundRecord } from '../simulation-record.ts';

/** Flower's words. */
export const RUN_STATUSES = [
  'starting',
  'running',
  'finished:completed',
  'finished:failed',
  'finished:stopped',
] as const;

const scalars = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
const runSchema = z.object({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{12}$/),
  app: z.string(),
  folder: z.string(),
  runtime: z.string(),
  status: z.enum(RUN_STATUSES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdMs: z.number(),
  endedMs: z.number().nullable(),
  process: z.object({ pid: z.int(), start: z.string() }).nullable(),
  settings: z.object({
    runConfig: scalars,
    seed: z.int(),
    nodes: z.int(),
    workers: z.int().optional(),
    dropOut: z.number().optional(),
    delay: z.string().optional(),
    deadlineMs: z.number().optional(),
    waitFor: z.number().optional(),
    concurrency: z.int().optional(),
  }),
  /** Of the app, once it is loaded. */
  rounds: z.int().nullable(),
  strategy: scalars.nullable(),
  /** The last finished round. */
  round: z.int(),
  digest: z.string().nullable(),
});

export type AppRun = z.infer<typeof runSchema>;
export type NewAppRun = Pick<AppRun, 'app' | 'folder' | 'runtime' | 'settings'>;

const RUN_FILE = 'run.json';
const ROUNDS_FILE = 'rounds.jsonl';

/** Where runs lie in a home folder. */
export function runsFolder(home: string): string {
  return join(home, 'runs');
}

/** Creates a run's folder. */
export async function createAppRun(home: string, run: NewAppRun): Promise<AppRun> {
  const id = randomBytes(6).toString('hex');
  const record: AppRun = {
    ...run,
    ...{ format: 1, id, status: 'starting', error: null, process: null, digest: null },
    ...{ createdMs: Date.now(), endedMs: null, rounds: null, strategy: null, round: 0 },
  };
  await mkdir(join(runsFolder(home), id), { recursive: true, mode: 0o700 });
  await writeAppRun(runFolder(home, id), record);
  await writeFile(logFile(runFolder(home, id)), '');
  return record;
}

export function runFolder(home: string, id: string): string {
  return join(runsFolder(home), id);
}

export function logFile(folder: string): string {
  return join(folder, 'log.txt');
}

/** Appears whole, so that a kill in the middle leaves the record before. */
export async function writeAppRun(folder: string, run: AppRun): Promise<void> {
  const path = join(folder, RUN_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(run, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

/**
 * A run's record; one whose process is gone without a word has failed.
 *
 * @throws {RuntimeError} `no-such-run`
 */
export async function readAppRun(folder: string): Promise<AppRun> {
  let run: AppRun;
  try {
    run = runSchema.parse(JSON.parse(await readFile(join(folder, RUN_FILE), 'utf8')));
  } catch (cause) {
    throw new RuntimeError('no-such-run', `${folder} holds no run that can be read`, { cause });
  }
  const isOver = run.status.startsWith('finished');
  if (isOver || run.process === null || isAlive(run.process)) return run;
  const error = { code: 'child-died', message: 'its process ended without a word' };
  return { ...run, status: 'finished:failed', error };
}

/** All runs of a home folder, newest first. */
export async function listAppRuns(home: string): Promise<AppRun[]> {
  const ids = await readdir(runsFolder(home)).catch((): string[] => []);
  const read = ids.map((id) => readAppRun(runFolder(home, id)).catch(() => undefined));
  const runs = (await Promise.all(read)).filter((run) => run !== undefined);
  return runs.sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1));
}

/**
 * The run whose id begins so.
 *
 * @throws {RuntimeError} `no-such-run` when none does, or several do
 */
export async function findAppRun(home: string, beginning: string): Promise<AppRun> {
  const found = (await listAppRuns(home)).filter(({ id }) => id.startsWith(beginning));
  const [run] = found;
  if (run !== undefined && found.length === 1) return run;
  const what = run === undefined ? 'no run' : `${found.length} runs`;
  const message = `${what} in ${runsFolder(home)} begin with ${beginning}; see starling run list`;
  throw new RuntimeError('no-such-run', message);
}

export async function appendRound(folder: string, record: RoundRecord): Promise<void> {
  await appendFile(join(folder, ROUNDS_FILE), `${JSON.stringify(record)}\n`);
}

/** The finished rounds; a line that a kill cut short is left out. */
export async function readRounds(folder: string): Promise<RoundRecord[]> {
  const text = await readFile(join(folder, ROUNDS_FILE), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RoundRecord);
}

function isAlive({ pid, start }: { readonly pid: number; readonly start: string }): boolean {
  const line = processLine(pid);
  // Where there is no /proc, the id alone must do.
  return line === undefined ? start === '' && isRunning(pid) : line.start === start;
}
