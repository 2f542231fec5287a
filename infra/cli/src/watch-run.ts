// A run of an app as a person watches it: its log as it grows, progress below it, its end.

import { type AppRun, followLog, type LaunchedRun, launchRun, stopSignal } from '@starling/runtime';
import { exitCodeOfStop } from './commands/serve.ts';
import { EXIT, exitCodeOfRun } from './exit-codes.ts';
import { progressLine } from './progress-line.ts';

export interface Watched {
  readonly run: AppRun;
  readonly folder: string;
  readonly exitCode: number;
}

/** Starts a run, shows it on `stream`, and waits for its end; Ctrl-C stops it. */
export async function watchRun(
  launch: Parameters<typeof launchRun>,
  stream: NodeJS.WriteStream,
): Promise<Watched> {
  const [home, app, settings] = launch;
  const signal = stopSignal();
  const line = progressLine(process.stderr);
  const launched = await launchRun(home, app, settings, (text) => line.show(text));
  const onStop = () => launched.stop();
  signal.addEventListener('abort', onStop, { once: true });
  if (signal.aborted) onStop();
  stream.write(`run ${launched.id}\n`);
  await showLog(launched, stream, () => line.close());
  const run = await launched.ended;
  line.close();
  const exitCode = signal.aborted ? exitCodeOfStop(signal) : exitCodeOf(run);
  return { run, folder: launched.folder, exitCode };
}

export function exitCodeOf({ error, status }: AppRun): number {
  if (status === 'finished:completed') return EXIT.ok;
  return error === null ? EXIT.runFailed : exitCodeOfRun(error.code);
}

async function showLog(
  { ended, folder }: LaunchedRun,
  stream: NodeJS.WriteStream,
  clear: () => void,
): Promise<void> {
  const over = new AbortController();
  const signal = over.signal;
  ended.finally(() => over.abort()).catch(() => {});
  for await (const text of followLog(folder, { follow: true, signal })) {
    clear();
    stream.write(text);
  }
}
