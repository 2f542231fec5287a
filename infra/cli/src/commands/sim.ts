import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  assertSimulable,
  resultLines,
  runSimulation,
  type Simulation,
  simulationCsv,
  simulationReport,
  stopSignal,
} from '@starling/runtime';
import { Command } from 'commander';
import { type Format, formatOption, print } from '../output.ts';
import { progressBar, progressLine } from '../progress-line.ts';
import { addSpecOptions, type SpecOptions, specOf } from '../sim-options.ts';
import { checkWritable } from '../writable-file.ts';
import { exitCodeOfStop } from './serve.ts';

interface FileOptions {
  readonly json?: string;
  readonly csv?: string;
  readonly report?: string;
}

interface SimOptions extends SpecOptions, FileOptions {
  readonly quick?: true;
  readonly format: Format;
}

export function simCommand(end: (code: number) => void): Command {
  const sim = new Command('sim')
    .description('Simulations on this machine: nothing is sent, everything follows from a seed.')
    .addHelpText('after', '\nExample:\n  $ starling sim consensus --adversary holder --share 0.2');
  const consensus = new Command('consensus')
    .description('How peers agree: polls or certificates, adversaries, losses; with plots.')
    .option('--json <file>', 'also write every run as JSON', resolvePath)
    .option('--csv <file>', 'also write one line for each run', resolvePath)
    .option('--report <file>', 'also sweep around the spec and write plots as HTML', resolvePath)
    .option('--quick', 'a fifth of the runs in the plots of the report')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling sim consensus --n 100000 --runs 20 --report consensus.html --quick',
    )
    .action(async ({ csv, format, json, quick, report, ...spec }: SimOptions) => {
      const files = {
        ...(json === undefined ? {} : { json }),
        ...(csv === undefined ? {} : { csv }),
        ...(report === undefined ? {} : { report }),
      };
      const code = await simulateConsensus(spec, files, { format, isQuick: quick === true });
      if (code !== undefined) end(code);
    });
  return sim.addCommand(addSpecOptions(consensus));
}

/** @returns the exit code when it was stopped */
async function simulateConsensus(
  given: SpecOptions,
  files: FileOptions,
  { format, isQuick }: { readonly format: Format; readonly isQuick: boolean },
): Promise<number | undefined> {
  const spec = specOf(given);
  assertSimulable(spec);
  for (const [name, file] of Object.entries(files)) await checkWritable(`--${name}`, file);
  const signal = stopSignal();
  const line = progressLine(process.stderr);
  // With JSON as the answer, what happens meanwhile goes beside it.
  const stream = format === 'json' ? process.stderr : process.stdout;
  try {
    stream.write(`seed ${spec.seed}\n`);
    const simulation = await runSimulation(spec, {
      signal,
      onProgress: (done, runs) => line.show(progressBar(done, runs)),
    });
    const onStep = (text: string) => line.show(`report: ${text}`);
    await writeFiles(simulation, files, { isQuick, signal, onStep });
    line.close();
    print(format, simulation, () => resultText(simulation));
    return undefined;
  } catch (error) {
    line.close();
    if (!signal.aborted) throw error;
    process.stderr.write('stopped; nothing is left to resume\n');
    return exitCodeOfStop(signal);
  }
}

async function writeFiles(
  simulation: Simulation,
  { csv, json, report }: FileOptions,
  options: Parameters<typeof simulationReport>[1],
): Promise<void> {
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(simulation, undefined, 2)}\n`);
  }
  if (csv !== undefined) await writeFile(csv, simulationCsv(simulation));
  if (report !== undefined) await writeFile(report, await simulationReport(simulation, options));
}

function resultText(simulation: Simulation): string {
  const { spec } = simulation;
  const lines = [['simulated', `${spec.runs} runs`] as const, ...resultLines(simulation)];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.map(([name, value]) => `${name.padEnd(width)}${value}`).join('\n');
}

function resolvePath(value: string): string {
  return resolve(value);
}
