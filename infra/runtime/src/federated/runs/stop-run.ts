import { setTimeout as wait } from 'node:timers/promises';
import { RuntimeError } from '../../runtime-error.ts';
import { type AppRun, readAppRun, runFolder, writeAppRun } from './run-store.ts';

/** What its nodes are doing ends first. */
const STOP_WITHIN_MS = 30_000;
const CHECK_MS = 50;

/**
 * Stops a run's process; its finished rounds stay.
 *
 * @throws {RuntimeError} `not-running` when the run has ended
 */
export async function stopAppRun(home: string, { id }: Pick<AppRun, 'id'>): Promise<AppRun> {
  const folder = runFolder(home, id);
  const running = await readAppRun(folder);
  if (running.status.startsWith('finished') || running.process === null) {
    throw new RuntimeError('not-running', `run ${id} does not run: ${running.status}`);
  }
  const { pid } = running.process;
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < STOP_WITHIN_MS; waited += CHECK_MS) {
    const run = await readAppRun(folder);
    if (run.status.startsWith('finished')) return run;
    await wait(CHECK_MS);
  }
  process.kill(pid, 'SIGKILL');
  const error = { code: 'child-died', message: 'it did not stop in time and was killed' };
  const killed: AppRun = { ...running, status: 'finished:failed', error, endedMs: Date.now() };
  await writeAppRun(folder, killed);
  return killed;
}
