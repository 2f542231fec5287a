// Which run the options ask for: a fresh one, or the stored one with the settings it began with.

import { type DemoCorpus, folderCorpus, installedPackagesCorpus } from '../corpus/demo-corpus.ts';
import { RuntimeError } from '../runtime-error.ts';
import {
  DEFAULT_AGGREGATION,
  DEMO_ROUNDS,
  DEMO_ROUNDS_MAX,
  DEMO_SEED,
  DEMO_SITES,
  type DemoOptions,
} from './demo-settings.ts';
import { type RunRecord, readRun } from './run-file.ts';

export interface ChosenRun {
  readonly record: RunRecord;
  readonly corpus: DemoCorpus;
}

/**
 * Reads the corpus of the run; nothing is written.
 * @throws {RuntimeError} `invalid-option`, `invalid-corpus`, `nothing-to-resume`
 */
export async function chooseRun(
  options: DemoOptions,
  onCorpus: (source: string) => void,
): Promise<ChosenRun> {
  checkOptions(options);
  const stored = options.resume ? await readRun(options.home) : undefined;
  if (stored !== undefined) checkSame(options, stored);
  const { nodeModules, rounds = DEMO_ROUNDS, seed = DEMO_SEED } = options;
  const source = stored === undefined ? (options.corpus ?? null) : stored.corpus;
  const sites = stored === undefined ? (options.sites ?? null) : stored.sites;
  onCorpus(source ?? 'installed packages');
  const startedMs = performance.now();
  const corpus =
    source === null
      ? await installedPackagesCorpus(nodeModules, sites ?? DEMO_SITES)
      : await folderCorpus(source, sites ?? undefined);
  if (stored !== undefined && stored.digest !== corpus.digest) {
    const message = `${corpus.source} has changed since the run began: start a new one without --resume`;
    throw new RuntimeError('nothing-to-resume', message);
  }
  const { digest } = corpus;
  const aggregation = options.aggregation ?? DEFAULT_AGGREGATION.aggregation;
  const fresh = { aggregation, corpus: source, digest, rounds, seed, sites };
  const phases = [{ name: 'corpus', seconds: (performance.now() - startedMs) / 1000 }];
  const record = stored ?? { ...fresh, format: 1, founded: false, phases, pooled: null };
  return { record, corpus };
}

/** A setting that is given again must be the stored one. */
function checkSame(options: DemoOptions, stored: RunRecord): void {
  for (const name of ['aggregation', 'corpus', 'rounds', 'seed', 'sites'] as const) {
    const asked = options[name];
    if (asked === undefined || asked === stored[name]) continue;
    const began = stored[name] ?? 'the default';
    const message = `--${name} is ${asked}, the run began with ${began}: leave it out with --resume, or start a new run`;
    throw new RuntimeError('invalid-option', message);
  }
}

function checkOptions({ rounds, seed }: DemoOptions): void {
  checkWhole('--rounds', rounds, 1, DEMO_ROUNDS_MAX);
  checkWhole('--seed', seed, 0, 0xffffffff);
}

function checkWhole(name: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw new RuntimeError(
    'invalid-option',
    `${name} is ${value}: a whole number from ${min} to ${max}`,
  );
}
