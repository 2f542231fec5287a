// Performs a run in this process and keeps its record: every finished round is on the disk before the
// next one begins.

import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@starling/shared';
import { processLine } from '../../processes/process-table.ts';
import { readAppFolder } from '../app/app-folder.ts';
import { loadModel } from '../app/load-app.ts';
import { appReport } from '../app-report.ts';
import { reasonOf } from '../clients/reason.ts';
import type { AppRuntime } from './app-runtime.ts';
import { writeModel } from './model-file.ts';
import { roundLine } from './round-line.ts';
import {
  type AppRun,
  appendRound,
  logFile,
  readAppRun,
  readRounds,
  writeAppRun,
} from './run-store.ts';

export interface RecordedEvents {
  readonly onStart: () => void;
  readonly onProgress: (text: string) => void;
}

/** Runs what a folder's record asks for; how it ended stands in the record that it returns. */
export async function recordRun(
  folder: string,
  runtime: AppRuntime,
  events: RecordedEvents,
  signal: AbortSignal,
): Promise<AppRun> {
  const { pid } = process;
  let run: AppRun = {
    ...(await readAppRun(folder)),
    process: { pid, start: processLine(pid)?.start ?? '' },
  };
  const save = async (changes: Partial<AppRun>) => {
    run = { ...run, ...changes };
    await writeAppRun(folder, run);
  };
  let logged = Promise.resolve();
  const log = (text: string) => {
    logged = logged.then(() => appendFile(logFile(folder), text));
    return logged;
  };
  const say = (text: string) => log(`${new Date().toISOString()} ${text}\n`);
  await save({});
  try {
    const app = await readAppFolder(run.folder);
    const { id, settings } = run;
    const { digest } = await runtime.run(
      app,
      id,
      settings,
      {
        onStart: async ({ nodes, rounds, strategy }) => {
          const name = String(strategy['strategy'] ?? 'a strategy');
          await say(`${name}, ${rounds} rounds, ${nodes} nodes, seed ${settings.seed}`);
          await save({ status: 'running', rounds, strategy: { ...strategy } });
          events.onStart();
        },
        onRound: async (record, checkpoint) => {
          const model = await loadModel(app.server);
          await writeModel(folder, checkpoint.arrays, { model, round: record.round });
          await appendRound(folder, record);
          await save({ round: record.round });
          await say(roundLine(record, run.rounds ?? 0));
        },
        onProgress: ({ kind, round }, done, asked) => {
          events.onProgress(`round ${round}: ${kind}, ${done} of ${asked} nodes`);
        },
        onOutput: (text) => void log(text),
      },
      signal,
    );
    await say(`completed, model ${digest}`);
    await save({ ...ended('finished:completed'), digest });
  } catch (error) {
    const isStopped = error instanceof AppError && error.code === 'aborted';
    const reason = isStopped ? `stopped after round ${run.round}` : reasonOf(error);
    await say(isStopped ? reason : `failed: ${reason}`);
    await save(
      isStopped
        ? ended('finished:stopped')
        : { ...ended('finished:failed'), error: faultOf(error) },
    );
  }
  await writeFile(join(folder, 'report.html'), await reportOf(folder, run));
  return run;
}

/** The page of a run as far as it came. */
export async function reportOf(folder: string, run: AppRun): Promise<string> {
  const { app, digest, settings, strategy } = run;
  const { nodes, runConfig, seed } = settings;
  const rounds = await readRounds(folder);
  const simulation = { nodes, rounds, seed, strategy: strategy ?? {} };
  return appReport({ app, runConfig, simulation, ...(digest === null ? {} : { digest }) });
}

function ended(status: AppRun['status']): Partial<AppRun> {
  return { status, endedMs: Date.now() };
}

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'app-failed';
  const message = error instanceof AppError ? error.message : reasonOf(error);
  return { code, message };
}
