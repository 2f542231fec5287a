// What a demo run must remember to be resumed: its settings, its sites, the time it spent so far.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@starling/shared';
import { RuntimeError } from '../runtime-error.ts';

const RUN_FILE = 'run.json';

const metricsSchema = z.strictObject({ mrr: z.number(), recallAt10: z.number() });

const runSchema = z.strictObject({
  corpus: z.string().nullable(),
  format: z.literal(1),
  phases: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  /** By site, once it was measured. */
  pooled: z.record(z.string(), metricsSchema).nullable(),
  rounds: z.int(),
  seed: z.int(),
  sites: z.int().nullable(),
});

export type RunRecord = z.infer<typeof runSchema>;

/** Starts a fresh run folder; only an earlier run's folder is replaced. */
export async function createRun(home: string, record: RunRecord): Promise<void> {
  const before = await readFile(join(home, RUN_FILE), 'utf8').catch(() => undefined);
  if (before !== undefined) await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeRun(home, record);
}

export async function writeRun(home: string, record: RunRecord): Promise<void> {
  await writeFile(join(home, RUN_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
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
