// What the installed app measures of each version on this site's own data: kept here, sent to nobody.

import { appStrategy } from '@starling/rules';
import {
  type AppTask,
  clientSeed,
  type MetricRecord,
  settingsOf,
  type TrainingTask,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { Model } from './model-versions.ts';
import type { SiteApp } from './site-app.ts';

export interface AppScore {
  readonly version: number;
  readonly metrics: MetricRecord;
}

/** Newest versions whose scores are kept, in memory. */
export const APP_SCORES_MAX = 100;

export class AppScores {
  readonly #world: PeerDependencies;
  readonly #task: TrainingTask;
  readonly #signal: AbortSignal;
  #scores: readonly AppScore[] = [];
  /** One after the other. */
  #tail: Promise<void> = Promise.resolve();

  constructor(world: PeerDependencies, task: TrainingTask, signal: AbortSignal) {
    this.#world = world;
    this.#task = task;
    this.#signal = signal;
  }

  /** Oldest first. */
  get list(): readonly AppScore[] {
    return this.#scores;
  }

  /** Resolves when this version is measured, or cannot be. */
  measure(model: Model): Promise<void> {
    const { app } = this.#world;
    const agreed = this.#task.app;
    if (app === undefined || agreed === null) return Promise.resolve();
    const run = this.#tail.then(() => this.#measure(model, app, agreed));
    this.#tail = run;
    return run;
  }

  async #measure({ parameters, version }: Model, app: SiteApp, agreed: AppTask): Promise<void> {
    const { identity, logger } = this.#world;
    const { aggregation, seed } = this.#task;
    try {
      const [assignment] = appStrategy(agreed, aggregation).configureEvaluate({
        round: version,
        arrays: { model: parameters },
        clients: [identity.member, 'another'].map((node) => ({ node, examples: undefined })),
        config: settingsOf(agreed.config),
        seed,
      });
      const config = assignment?.content.config ?? {};
      const own = clientSeed(seed, version, identity.member);
      const work = { round: version, weights: parameters, config, seed: own, signal: this.#signal };
      const metrics = await app.evaluate(work);
      if (metrics === undefined) return;
      const others = this.#scores.filter((score) => score.version !== version);
      this.#scores = [...others, { version, metrics }].slice(-APP_SCORES_MAX);
      logger.info('app evaluated', { version, ...metrics });
    } catch (error) {
      if (this.#signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      logger.warn('app not evaluated', { version, detail });
    }
  }
}
