// The main job: a federation on this machine, end to end, and what it brought.

import { rm } from 'node:fs/promises';
import { quorumSize } from '@starling/consensus';
import type { CoordinatorStatus } from '@starling/coordinator';
import type { TrainingTask } from '@starling/shared';
import { createWorkerTrainer, type EncoderTrainer } from '@starling/training';
import type { DemoCorpus } from '../corpus/demo-corpus.ts';
import { LocalClient } from '../local-api/local-client.ts';
import { describeEnd } from '../processes/child.ts';
import { LocalFederation } from '../processes/local-federation.ts';
import { RuntimeError } from '../runtime-error.ts';
import { DEATH_NOTICE_MS } from './ask-sites.ts';
import { type ChosenRun, chooseRun } from './choose-run.ts';
import type { DemoReport, Metrics } from './demo-report.ts';
import {
  DEFAULT_AGGREGATION,
  DEMO_ALONE,
  DEMO_PATTERNS,
  type DemoOptions,
  demoTask,
} from './demo-settings.ts';
import { gatherReport } from './gather-report.ts';
import type { SiteLearning } from './own-queries.ts';
import { learnTogether } from './pattern-phase.ts';
import { pooledReference } from './pooled-reference.ts';
import { createRun, federationFolder, KeptRun, lockRun } from './run-file.ts';

const POLL_MS = 250;

export type DemoPhase =
  | 'corpus'
  | 'founding'
  | 'before and alone'
  | 'rounds'
  | 'evaluation'
  | 'patterns'
  | 'pooled';

/** What a run tells while it goes on. */
export type DemoEvent =
  | { readonly kind: 'phase'; readonly phase: DemoPhase; readonly detail: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'status'; readonly status: CoordinatorStatus; readonly pooled: string };

export interface DemoRun {
  readonly signal: AbortSignal;
  readonly onEvent: (event: DemoEvent) => void;
}

/**
 * Runs or resumes the demo.
 * @throws {RuntimeError} `child-died` when the coordinator ended or too few sites are left; what the
 *   options or the corpus have wrong; `already-running`
 */
export async function runDemo(options: DemoOptions, run: DemoRun): Promise<DemoReport> {
  const chosen = await chooseRun(options, (detail) =>
    run.onEvent({ kind: 'phase', phase: 'corpus', detail }),
  );
  run.signal.throwIfAborted();
  const unlock = await lockRun(options.home);
  try {
    if (!options.resume) await createRun(options.home, chosen.record);
    const demo = new Demo(options, chosen, run);
    try {
      return await demo.run();
    } finally {
      await demo.stop();
    }
  } finally {
    await unlock();
  }
}

class Demo {
  readonly #home: string;
  readonly #kept: KeptRun;
  readonly #corpus: DemoCorpus;
  readonly #run: DemoRun;
  readonly #isResumed: boolean;
  readonly #federation: LocalFederation;
  readonly #trainer: EncoderTrainer = createWorkerTrainer();
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  #pooledProgress = 'not started';
  #deathsTold = 0;

  constructor(options: DemoOptions, { record, corpus }: ChosenRun, run: DemoRun) {
    this.#home = options.home;
    this.#kept = new KeptRun(options.home, record);
    this.#corpus = corpus;
    this.#run = run;
    this.#isResumed = options.resume;
    this.#signal = AbortSignal.any([run.signal, this.#stopping.signal]);
    const home = federationFolder(options.home);
    this.#federation = new LocalFederation({ home, entry: options.entry, signal: this.#signal });
  }

  async run(): Promise<DemoReport> {
    const pooled = this.#pooled();
    // A failure of the reference is reported when it is awaited, not as an unhandled rejection.
    pooled.catch(() => undefined);
    await this.#found();
    await this.#timed('before and alone', 'each site indexes, measures, trains alone', () =>
      this.#untilReady(),
    );
    await this.#timed('rounds', `${this.#record.rounds} federated rounds`, () =>
      this.#untilFinished(),
    );
    await this.#timed('evaluation', 'each site measures the final version', () =>
      this.#untilEvaluated(),
    );
    let learning: readonly SiteLearning[] = [];
    await this.#timed(
      'patterns',
      'each site is asked its own queries, learns, proposes',
      async () => {
        learning = await this.#learnTogether();
      },
    );
    const reference = await pooled;
    return this.#asking(() =>
      gatherReport({
        federation: this.#federation,
        corpus: this.#corpus,
        seed: this.#record.seed,
        isResumed: this.#isResumed,
        phases: this.#record.phases,
        pooled: reference,
        learning,
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the demo is over'));
    await this.#federation.stop();
    await this.#trainer.stop();
    await this.#kept.save();
  }

  get #record() {
    return this.#kept.record;
  }

  async #found(): Promise<void> {
    const sites = this.#corpus.sites;
    const names = sites.map(({ name }) => name);
    if (this.#record.founded) {
      await this.#timed('founding', 'starting the stored federation', async () => {
        await this.#federation.startCoordinator();
        await this.#federation.startSites(names);
      });
      return;
    }
    await this.#timed('founding', `1 coordinator, ${sites.length} sites`, async () => {
      await rm(federationFolder(this.#home), { recursive: true, force: true });
      const founding = {
        name: 'demo',
        task: this.#task(),
        sites,
        baselines: DEMO_ALONE,
        patterns: DEMO_PATTERNS,
      };
      await this.#federation.found(founding, (name) => this.#note(`${name} joined`));
      await this.#kept.change({ founded: true });
      await this.#federation.startSites(names);
    });
  }

  async #untilReady(): Promise<void> {
    await this.#until((status) =>
      status.members.every(({ ready, site }) => ready || !this.#federation.isAlive(site)),
    );
    const alive = this.#corpus.sites.filter(({ name }) => this.#federation.isAlive(name));
    await this.#asking(async () => {
      const client = await LocalClient.open(this.#federation.coordinatorHome);
      await client.planRounds(this.#record.rounds, alive.length);
    });
  }

  #untilFinished(): Promise<void> {
    return this.#until((status) => status.finished);
  }

  async #untilEvaluated(): Promise<void> {
    await this.#until((status) =>
      status.members.every(
        ({ evaluations, site }) =>
          !this.#federation.isAlive(site) || evaluations.some(({ stage }) => stage === 'federated'),
      ),
    );
  }

  async #until(isDone: (status: CoordinatorStatus) => boolean): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      this.#tellDeaths();
      const status = await this.#asking(() => this.#federation.coordinatorStatus());
      this.#run.onEvent({ kind: 'status', status, pooled: this.#pooledProgress });
      if (isDone(status)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Asks the coordinator; when it does not answer because it died, that is the failure. */
  async #asking<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      // A refused connection is noticed before the process' end is.
      await this.#federation.hasEnded('coordinator', DEATH_NOTICE_MS);
      this.#tellDeaths();
      throw error;
    }
  }

  /** Says which site died; without its coordinator or a quorum the run cannot go on now. */
  #tellDeaths(): void {
    const { deaths } = this.#federation;
    for (const { name, end } of deaths.slice(this.#deathsTold)) {
      const how = describeEnd(end);
      this.#deathsTold += 1;
      if (name !== 'coordinator') this.#note(`${name} died (${how}); the others go on without it`);
      else {
        throw new RuntimeError('child-died', `the coordinator died (${how})${this.#resumeHint}`);
      }
    }
    const alive = this.#corpus.sites.filter(({ name }) => this.#federation.isAlive(name));
    const { length } = this.#corpus.sites;
    const quorum = quorumSize(length);
    if (deaths.length > 0 && alive.length < quorum) {
      const left = `only ${alive.length} of ${length} sites are left, a version needs ${quorum} votes`;
      throw new RuntimeError('child-died', `${left}${this.#resumeHint}`);
    }
  }

  get #resumeHint(): string {
    return `; go on with "starling demo --resume --home ${this.#home}"`;
  }

  #task(): TrainingTask {
    const { aggregation, seed } = this.#record;
    return demoTask(seed, { ...DEFAULT_AGGREGATION, aggregation });
  }

  async #pooled(): Promise<ReadonlyMap<string, Metrics>> {
    if (this.#record.pooled !== null) return new Map(Object.entries(this.#record.pooled));
    const startedMs = performance.now();
    const { rounds } = this.#record;
    const found = await pooledReference(this.#trainer, this.#corpus.sites, this.#task(), {
      rounds,
      signal: this.#signal,
      onRound: (round) => {
        this.#pooledProgress = `${round}/${rounds}`;
      },
    });
    const metrics = new Map(
      [...found].map(([name, { recallAt10, mrr }]) => [name, { recallAt10, mrr }]),
    );
    this.#kept.spent('pooled', secondsSince(startedMs));
    await this.#kept.change({ pooled: Object.fromEntries(metrics) });
    return metrics;
  }

  #learnTogether(): Promise<SiteLearning[]> {
    return learnTogether({
      federation: this.#federation,
      sites: this.#corpus.sites,
      seed: this.#record.seed,
      signal: this.#signal,
      versions: this.#record.rounds,
      onNote: (text) => this.#note(text),
    });
  }

  async #timed(phase: DemoPhase, detail: string, work: () => Promise<void>): Promise<void> {
    this.#run.onEvent({ kind: 'phase', phase, detail });
    const startedMs = performance.now();
    try {
      await work();
    } finally {
      this.#kept.spent(phase, secondsSince(startedMs));
    }
  }

  #note(text: string): void {
    this.#run.onEvent({ kind: 'note', text });
  }
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
