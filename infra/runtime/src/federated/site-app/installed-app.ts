// The app that an operator installed at a real site: its client works in a process of its own, on the
// site's own data, and what fails there is told by its code.

import type { AppTraining, AppWork, SiteApp } from '@starling/peer';
import {
  type ConfigRecord,
  type Digest,
  type Logger,
  type MetricRecord,
  type RecordDict,
  recordDict,
  settingsOf,
  type TrainingTask,
} from '@starling/shared';
import { TRAINING_ERROR_CODES, TrainingError } from '@starling/training';
import type { AppFolder } from '../app/app-folder.ts';
import type { ClientOutcome } from '../clients/client-task.ts';
import { appDigest } from './app-digest.ts';
import { AppProcess } from './app-process.ts';
import { weightsOf } from './found-app.ts';

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
  readonly #process: AppProcess;
  /** The app's own between rounds; a restart begins without. */
  #state: RecordDict = recordDict();

  constructor(options: InstalledAppOptions, digest: Digest) {
    this.digest = digest;
    this.#options = options;
    this.#runConfig = settingsOf(options.task.app?.config ?? '{}');
    this.#process = new AppProcess(options.app.folder, (text) => {
      options.logger.info('the app says', { text: text.trimEnd() });
    });
  }

  get name(): string {
    return this.#options.app.name;
  }

  async initial(): Promise<Float32Array> {
    const { app, task } = this.#options;
    const answer = await this.#process.ask(
      {
        kind: 'initial',
        server: app.server.href,
        runConfig: this.#runConfig,
        seed: task.seed,
      },
      new AbortController().signal,
    );
    return weightsOf(app, answer.kind === 'initial' ? answer.weights : undefined);
  }

  async train(work: AppWork): Promise<AppTraining> {
    const outcome = await this.#ask('train', work);
    if (!outcome.ok) throw failureOf(outcome.reason);
    this.#state = outcome.state;
    const { arrays, metrics } = outcome.content;
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
    const outcome = await this.#ask('evaluate', work);
    if (outcome.ok) return outcome.content.metrics;
    if (outcome.reason.startsWith('no-handler:')) return undefined;
    throw failureOf(outcome.reason);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #ask(kind: 'evaluate' | 'train', work: AppWork): Promise<ClientOutcome> {
    const { app, node, nodeConfig } = this.#options;
    const { config, round, seed, signal, weights } = work;
    const content = recordDict({ arrays: { model: weights }, config });
    const message = { kind, runId: 'federation', round, node, content };
    const task = { message, nodeConfig, runConfig: this.#runConfig, seed, state: this.#state };
    const question = { kind: 'task', client: app.client.href, task } as const;
    const answer = await this.#process.ask(question, signal);
    return answer.kind === 'task' ? answer.outcome : { ok: false, reason: 'no answer to a task' };
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
