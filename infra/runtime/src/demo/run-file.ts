// What a demo run must remember to be resumed: its settings, its sites, the time it spent so far.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@starling/shared';
import { isRunning, processLine } from '../processes/process-table.ts';
import { RuntimeError } from '../runtime-error.ts';

const RUN_FILE = 'run.json';
const LOCK_FILE = 'run.lock';

const metricsSchema = z.strictObject({ mrr: z.number(), recallAt10: z.number() });

const runSchema = z.strictObject({
  aggregation: z.enum(['masked', 'plain']),
  corpus: z.string().nullable(),
  /** Of the corpus as it was read when the run began. */
  digest: z.string(),
  format: z.literal(1),
  /** Whether every site has joined and holds its documents. */
  founded: z.boolean(),
  phases: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  /** By site, once it was measured. */
  pooled: z.record(z.string(), metricsSchema).nullable(),
  rounds: z.int(),
  seed: z.int(),
  sites: z.int().nullable(),
});

export type RunRecord = z.infer<typeof runSchema>;

/**
 * Starts a fresh run in a folder: what an earlier run left there goes, anything else stays.
 * @throws {RuntimeError} `folder-exists` when the folder holds something that is no run
 */
export async function createRun(home: string, record: RunRecord): Promise<void> {
  const entries = await readdir(home).catch((): string[] => []);
  const foreign = entries.filter((entry) => entry !== LOCK_FILE);
  if (foreign.length > 0 && !entries.includes(RUN_FILE)) {
    const message = `${home} holds files that no demo made: choose a new folder with --home`;
    throw new RuntimeError('folder-exists', message);
  }
  await rm(federationFolder(home), { recursive: true, force: true });
  await writeRun(home, record);
}

/** Where the processes of a run lie. */
export function federationFolder(home: string): string {
  return join(home, 'federation');
}

/** A run's record while it goes on, on the disk after each change. */
export class KeptRun {
  readonly #home: string;
  #record: RunRecord;
  #saved: Promise<void> = Promise.resolve();

  constructor(home: string, record: RunRecord) {
    this.#home = home;
    this.#record = record;
  }

  get record(): Readonly<RunRecord> {
    return this.#record;
  }

  change(change: Partial<RunRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    return this.save();
  }

  /** Adds to a phase's time; a resumed run adds to what it spent before. */
  spent(name: string, seconds: number): void {
    const before = this.#record.phases;
    const known = before.some((phase) => phase.name === name);
    const phases = known
      ? before.map((phase) =>
          phase.name === name ? { name, seconds: phase.seconds + seconds } : phase,
        )
      : [...before, { name, seconds }];
    this.#record = { ...this.#record, phases };
  }

  /** One after the other: the pooled reference ends beside the other phases. */
  save(): Promise<void> {
    this.#saved = this.#saved.then(() => writeRun(this.#home, this.#record));
    return this.#saved;
  }
}

/** Appears whole, so that a kill in the middle leaves the record before. */
async function writeRun(home: string, record: RunRecord): Promise<void> {
  const path = join(home, RUN_FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

/**
 * Takes a run folder for this process, until the returned function is called.
 * @throws {RuntimeError} `already-running` while another process has it
 */
export async function lockRun(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const path = join(home, LOCK_FILE);
  const mine = `${process.pid} ${processLine(process.pid)?.start ?? ''}`;
  const owner = await readFile(path, 'utf8').catch(() => undefined);
  if (owner !== undefined && owner !== mine && isOwnerAlive(owner)) {
    const message = `a demo runs in ${home} (process ${owner.split(' ')[0]}): wait for it, or choose another --home`;
    throw new RuntimeError('already-running', message);
  }
  await writeFile(path, mine);
  return () => rm(path, { force: true });
}

function isOwnerAlive(owner: string): boolean {
  const [pid, start] = owner.split(' ');
  if (!isRunning(Number(pid))) return false;
  const now = processLine(Number(pid))?.start;
  return now === undefined || now === start;
}

/** @throws {RuntimeError} `nothing-to-resume` */
export async function readRun(home: string): Promise<RunRecord> {
  try {
    return runSchema.parse(JSON.parse(await readFile(join(home, RUN_FILE), 'utf8')));
  } catch (cause) {
    const message = `${home} holds no run to resume: start one with "starling demo"`;
    throw new RuntimeError('nothing-to-resume', message, { cause });
  }
}
