// Starts the process of a run: what a user wrote runs there, not in the command.

import { type ChildProcess, fork } from 'node:child_process';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppFolder } from '../app/app-folder.ts';
import type { RunSettings } from './app-runtime.ts';
import type { FromRun, ToRun } from './run-messages.ts';
import {
  type AppRun,
  createAppRun,
  logFile,
  readAppRun,
  runFolder,
  writeAppRun,
} from './run-store.ts';

/** The entry beside this module: `.ts` in the repository, `.js` once emitted. */
const ENTRY = fileURLToPath(new URL(`./run-worker${extname(import.meta.url)}`, import.meta.url));

export interface LaunchedRun {
  readonly id: string;
  readonly folder: string;
  /** Resolves once the first round begins, or the run has ended without one. */
  readonly started: Promise<void>;
  /** Resolves to the final record when its process has ended. */
  readonly ended: Promise<AppRun>;
  /** Asks it to stop after what its nodes are doing. */
  stop(): void;
  /** Lets it go on without this process. */
  detach(): void;
}

export async function launchRun(
  home: string,
  app: AppFolder,
  settings: RunSettings,
  onProgress: (text: string) => void = () => {},
): Promise<LaunchedRun> {
  const { folder: appFolder, name } = app;
  const asked = { app: name, folder: appFolder, runtime: 'simulation', settings };
  const { id } = await createAppRun(home, asked);
  const folder = runFolder(home, id);
  const log = await open(logFile(folder), 'a');
  const child = fork(ENTRY, [], {
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    // A terminal's Ctrl-C reaches the launcher alone, which passes it on.
    detached: true,
  });
  await log.close();
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<AppRun>();
  ended.promise.catch(() => {});
  child.on('message', (message: FromRun) => {
    if (message.kind === 'progress') onProgress(message.text);
    else started.resolve();
  });
  child.once('error', () => child.pid === undefined && void settle());
  child.once('exit', () => void settle());
  const settle = async () => {
    started.resolve();
    await finalRecord(folder).then(ended.resolve, ended.reject);
  };
  tell(child, { kind: 'perform', folder });
  return {
    id,
    folder,
    started: started.promise,
    ended: ended.promise,
    stop: () => child.kill('SIGINT'),
    detach: () => {
      tell(child, { kind: 'detach' });
      child.removeAllListeners('exit');
      child.disconnect();
      child.unref();
    },
  };
}

/** Written down for good, so that every reader sees the same end. */
async function finalRecord(folder: string): Promise<AppRun> {
  const run = await readAppRun(folder);
  if (run.status.startsWith('finished') && run.endedMs !== null) return run;
  const error = run.error ?? { code: 'child-died', message: 'its process ended without a word' };
  const failed: AppRun = { ...run, status: 'finished:failed', error, endedMs: Date.now() };
  await writeAppRun(folder, failed);
  return failed;
}

function tell(child: ChildProcess, message: ToRun): void {
  child.send(message, () => {});
}
