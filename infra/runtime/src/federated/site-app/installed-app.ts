// The app that an operator installed at a real site: its client works in a thread of its own, on the
// site's own data, and what fails there is told by its code.

import type { AppTraining, AppWork, SiteApp } from '@starling/peer';
import {
  type AppMessageKind,
  type ConfigRecord,
  type Digest,
  type Logger,
  type MetricRecord,
  type RecordDict,
  recordDict,
  settingsOf,
  type TrainingTask,
} from '@starling/shared';
import { refuseTelemetry, TRAINING_ERROR_CODES, TrainingError } from '@starling/training';
import type { AppFolder } from '../app/app-folder.ts';
import type { ClientRunner } from '../clients/client-runner.ts';
import { workerRunner } from '../clients/worker-runner.ts';
import { appDigest } from './app-digest.ts';
import { initialWeightsOf } from './found-app.ts';

export interface InstalledAppOptions {
  readonly app: AppFolder;
  readonly task: TrainingTask;
  /** The site, as the app's client sees it. */
  readonly node: string;
  readonly nodeConfig: ConfigRecord;
  readonly logger: Logger;
}

/** @throws AppError `invalid-app` */
export async function openInstalledApp(options: InstalledAppOptions): Promise<SiteApp> {
  return new InstalledApp(options, await appDigest(options.app.folder));
}

class InstalledApp implements SiteApp {
  readonly digest: Digest;
  readonly #options: InstalledAppOptions;
  readonly #runConfig: ConfigRecord;
  #runner: Promise<ClientRunner> | undefined;
  /** The app's own between rounds; a restart begins without. */
  #state: RecordDict = recordDict();

  constructor(options: InstalledAppOptions, digest: Digest) {
    this.digest = digest;
    this.#options = options;
    this.#runConfig = settingsOf(options.task.app?.config ?? '{}');
  }

  get name(): string {
    return this.#options.app.name;
  }

  initial(): Promise<Float32Array> {
    const { app, task } = this.#options;
    return initialWeightsOf(app, { runConfig: this.#runConfig, seed: task.seed });
  }

  async train(work: AppWork): Promise<AppTraining> {
    const { arrays, metrics } = await this.#ask('train', work);
    const weights = arrays['model'];
    const examples = metrics['num-examples'];
    const loss = metrics['train-loss'] ?? 0;
    if (weights === undefined) throw new TrainingError('shape-mismatch', 'train answers no model');
    if (typeof examples !== 'number' || !Number.isSafeInteger(examples) || examples < 1) {
      const found = JSON.stringify(examples ?? null);
      throw new TrainingError('empty-dataset', `num-examples is ${found}: a whole number above 0`);
    }
    if (typeof loss !== 'number' || !Number.isFinite(loss)) {
      throw new TrainingError('non-finite-loss', `train-loss is ${JSON.stringify(loss)}`);
    }
    return { weights, examples, loss: Math.min(Math.max(loss, 0), LOSS_MAX) };
  }

  async evaluate(work: AppWork): Promise<MetricRecord | undefined> {
    const { kinds } = await this.#running();
    if (!kinds.includes('evaluate')) return undefined;
    return (await this.#ask('evaluate', work)).metrics;
  }

  async stop(): Promise<void> {
    const runner = this.#runner;
    this.#runner = undefined;
    await (await runner?.catch(() => undefined))?.stop();
  }

  async #ask(kind: AppMessageKind, work: AppWork): Promise<RecordDict> {
    const { node, nodeConfig } = this.#options;
    const { config, round, seed, signal, weights } = work;
    const content = recordDict({ arrays: { model: weights }, config });
    const message = { kind, runId: 'federation', round, node, content };
    const task = { message, nodeConfig, runConfig: this.#runConfig, seed, state: this.#state };
    const runner = await this.#running();
    // A thread hears one end only, its own; the next work starts another.
    const abort = (): void => void this.stop();
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const outcome = await runner.run(task);
      if (!outcome.ok) throw failureOf(outcome.reason);
      if (kind === 'train') this.#state = outcome.state;
      return outcome.content;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #running(): Promise<ClientRunner> {
    const { app, logger } = this.#options;
    refuseTelemetry();
    this.#runner ??= workerRunner(1, {
      module: app.client.href,
      runConfig: this.#runConfig,
      onOutput: (text) => logger.info('the app says', { text: text.trimEnd() }),
    });
    return this.#runner;
  }
}

/** Larger than any loss that is worth telling; a masked sum bounds it further. */
const LOSS_MAX = 1_000_000;

/** `non-finite-loss: …` is told by its code, everything else as an engine that failed. */
function failureOf(reason: string): TrainingError {
  const [first = ''] = reason.split(':', 1);
  const code = TRAINING_ERROR_CODES.find((each) => each === first) ?? 'engine-failed';
  const [, step] = /\bstep (\d+)/.exec(reason) ?? [];
  return new TrainingError(code, reason, { step: step === undefined ? undefined : Number(step) });
}
