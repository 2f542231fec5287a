import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  appRunReport,
  appSimulationCsv,
  outcomeLines,
  readAppFolder,
  readRounds,
  templateFolder,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print } from '../output.ts';
import { addSettingOptions, type SettingOptions, settingsOf } from '../run-options.ts';
import { type Watched, watchRun } from '../watch-run.ts';
import { checkWritable } from '../writable-file.ts';

interface FileOptions {
  readonly json?: string;
  readonly csv?: string;
  readonly report?: string;
}

type SimulateOptions = SettingOptions &
  FileOptions & { readonly home: string; readonly format: Format };

export function simulateCommand(end: (code: number) => void): Command {
  const simulate = new Command('simulate')
    .description('Run a federated app on any number of virtual nodes of this machine.')
    .argument('[app]', 'folder of the app; drawn digits when left out')
    .option('--json <file>', 'also write every round as JSON', resolvePath)
    .option('--csv <file>', 'also write one line for each round', resolvePath)
    .option('--report <file>', 'also write curves as HTML', resolvePath)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling simulate . --nodes 10000 --run-config "fraction-train=0.01" --report report.html',
    )
    .action(async (app: string | undefined, options: SimulateOptions) => {
      end(await simulateFolder(app ?? templateFolder('digits'), options));
    });
  return addSettingOptions(simulate);
}

async function simulateFolder(folder: string, options: SimulateOptions): Promise<number> {
  const { format, home } = options;
  const app = await readAppFolder(folder);
  const settings = settingsOf(app, options);
  for (const name of ['json', 'csv', 'report'] as const) {
    const file = options[name];
    if (file !== undefined) await checkWritable(`--${name}`, file);
  }
  // With JSON as the answer, the log goes beside it.
  const beside = format === 'json' ? process.stderr : process.stdout;
  const watched = await watchRun([home, app, settings], beside);
  const answer = await resultOf(watched);
  await writeFiles(watched, answer, options);
  const { digest, error, settings: asked } = watched.run;
  print(format, answer, () => {
    const lines = outcomeLines({ ...asked, rounds: answer.rounds }, digest ?? undefined);
    const width = Math.max(...lines.map(([name]) => name.length)) + 2;
    const text = lines.map(([name, value]) => `${name.padEnd(width)}${value}`).join('\n');
    return error === null ? text : `${text}\nfailed: ${error.message}`;
  });
  return watched.exitCode;
}

/** The same for the same seed; nothing in it depends on the clock or on this machine. */
async function resultOf({ folder, run }: Watched) {
  const { app, digest, error, settings, status, strategy } = run;
  const { workers: _, ...asked } = settings;
  const rounds = await readRounds(folder);
  return {
    success: status === 'finished:completed',
    ...(error === null ? {} : { code: error.code, 'error-message': error.message }),
    ...{ app, status, settings: asked, strategy, rounds, digest },
  };
}

async function writeFiles(
  { folder, run }: Watched,
  answer: Awaited<ReturnType<typeof resultOf>>,
  { csv, json, report }: FileOptions,
): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(answer, undefined, 2)}\n`);
  if (csv !== undefined) await writeFile(csv, appSimulationCsv(answer));
  if (report !== undefined) await writeFile(report, await appRunReport(folder, run));
}

function resolvePath(value: string): string {
  return resolve(value);
}
