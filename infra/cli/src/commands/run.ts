import { resolve } from 'node:path';
import {
  type AppRun,
  findAppRun,
  followLog,
  launchRun,
  listAppRuns,
  MODEL_FILE,
  pullModel,
  readAppFolder,
  readRounds,
  runFolder,
  stopAppRun,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { idBeginning } from '../id-beginning.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { runOnFederation } from '../run-on-federation.ts';
import { addSettingOptions, type SettingOptions, settingsOf } from '../run-options.ts';
import { exitCodeOf, watchRun } from '../watch-run.ts';

interface RunOptions {
  readonly home: string;
  readonly format: Format;
}

type StartOptions = RunOptions &
  SettingOptions & { readonly federation?: true; readonly stream?: true };

export function runCommand(end: (code: number) => void): Command {
  const run = new Command('run')
    .description('Run a federated app, and keep what became of it.')
    .argument('[app]', 'folder of the app', '.')
    .option(
      '--federation',
      'on the federation whose coordinator runs on --home, which agreed on it',
    )
    .option('--stream', 'show its log until it ends; otherwise it goes on in the background')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling run . --stream --run-config "num-server-rounds=5 local-epochs=3"',
    )
    .action(async (app: string, options: StartOptions) => end(await start(app, options)));
  addSettingOptions(run);
  for (const command of [listCommand(), logCommand(), stopCommand(), pullCommand()]) {
    run.addCommand(command.addOption(homeOption()).addOption(formatOption()));
  }
  return run;
}

async function start(appFolder: string, options: StartOptions): Promise<number> {
  const { format, home, stream } = options;
  const app = await readAppFolder(appFolder);
  if (options.federation === true) return runOnFederation(app, options);
  const settings = settingsOf(app, options);
  if (stream === true) {
    // With JSON as the answer, the log goes beside it.
    const beside = format === 'json' ? process.stderr : process.stdout;
    const watched = await watchRun([home, app, settings], beside);
    const answer = { ...answerOf(watched.run), ...(await lastMetrics(watched.folder)) };
    print(format, answer, () => {
      const { error, status } = watched.run;
      return `${status}${error === null ? '' : `: ${error.message}`}; all of it: ${watched.folder}`;
    });
    return watched.exitCode;
  }
  const launched = await launchRun(home, app, settings);
  await launched.started;
  const run = await findAppRun(home, launched.id);
  launched.detach();
  print(format, answerOf(run), () => {
    const { error, id, status } = run;
    if (error !== null) return `run ${id} ${status}: ${error.message}`;
    return `run ${id} goes on in the background: starling run log ${id} --stream`;
  });
  return run.error === null ? 0 : exitCodeOf(run);
}

/** Of the last finished round. */
async function lastMetrics(folder: string): Promise<object> {
  const last = (await readRounds(folder)).at(-1);
  if (last === undefined) return {};
  const { evaluate, server, train } = last;
  return { metrics: { train, evaluate, server } };
}

/** In Flower's words. */
function answerOf(run: AppRun): Record<string, unknown> {
  const { app, createdMs, digest, endedMs, error, id, round, rounds, status } = run;
  return {
    success: error === null && status !== 'finished:stopped',
    'run-id': id,
    app,
    status,
    round,
    rounds,
    'created-at': new Date(createdMs).toISOString(),
    'finished-at': endedMs === null ? null : new Date(endedMs).toISOString(),
    ...(digest === null ? {} : { model: digest }),
    ...(error === null ? {} : { code: error.code, 'error-message': error.message }),
  };
}

function listCommand(): Command {
  return new Command('list')
    .alias('ls')
    .description('All runs, newest first.')
    .addHelpText('after', '\nExample:\n  $ starling run list')
    .action(async (_: unknown, command: Command) => {
      const { format, home } = command.optsWithGlobals<RunOptions>();
      const runs = await listAppRuns(home);
      print(format, { success: true, runs: runs.map(answerOf) }, () =>
        table(
          ['run', 'app', 'status', 'round', 'of', 'began'],
          runs.map(({ app, createdMs, id, round, rounds, status }) => [
            id,
            app,
            status,
            String(round),
            rounds === null ? '–' : String(rounds),
            new Date(createdMs).toISOString(),
          ]),
        ),
      );
    });
}

function logCommand(): Command {
  return new Command('log')
    .description('What a run logged.')
    .argument('<run>', 'its id, or how it begins', idBeginning)
    .option('--stream', 'and what it will log, until it ends')
    .addHelpText('after', '\nExample:\n  $ starling run log 5f3a --stream')
    .action(async (id: string, _: unknown, command: Command) => {
      const { home, stream } = command.optsWithGlobals<RunOptions & { stream?: true }>();
      const run = await findAppRun(home, id);
      const log = followLog(runFolder(home, run.id), { follow: stream === true });
      for await (const text of log) process.stdout.write(text);
    });
}

function stopCommand(): Command {
  return new Command('stop')
    .description('Stop a run; its finished rounds stay.')
    .argument('<run>', 'its id, or how it begins', idBeginning)
    .addHelpText('after', '\nExample:\n  $ starling run stop 5f3a')
    .action(async (id: string, _: unknown, command: Command) => {
      const { format, home } = command.optsWithGlobals<RunOptions>();
      const run = await stopAppRun(home, await findAppRun(home, id));
      print(format, { ...answerOf(run), success: true }, () => {
        return `run ${run.id} ${run.status} after round ${run.round}`;
      });
    });
}

function pullCommand(): Command {
  return new Command('pull')
    .description("A run's newest model as safetensors.")
    .argument('<run>', 'its id, or how it begins', idBeginning)
    .option('--out <file>', 'where to', MODEL_FILE)
    .addHelpText('after', '\nExample:\n  $ starling run pull 5f3a --out first.safetensors')
    .action(async (id: string, _: unknown, command: Command) => {
      const { format, home, out } = command.optsWithGlobals<RunOptions & { out: string }>();
      const run = await findAppRun(home, id);
      const file = resolve(out);
      await pullModel(runFolder(home, run.id), file);
      const answer = { success: true, 'run-id': run.id, round: run.round, file };
      print(format, answer, () => `the model after round ${run.round}: ${file}`);
    });
}
