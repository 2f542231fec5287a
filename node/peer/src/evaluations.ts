// What this site measured of itself: before, trained alone, federated. Each is signed once, kept on
// disk and published until the coordinator has it.

import { sealMessage } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import type { Evaluation, EvaluationStage } from '@starling/shared';
import { EVALUATION_STAGES, evaluation, fromMicros, toMicros } from '@starling/shared';
import { fitUntilNoBetter, type RetrievalMetrics } from '@starling/training';
import type { Collection } from './collection.ts';
import type { AloneSettings, PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';
import { measureRetrieval } from './retrieval.ts';
import { VersionScores } from './version-scores.ts';

export class Evaluations {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #collection: Collection;
  readonly #frames = new Map<EvaluationStage, Uint8Array>();
  /** Of the versions that the site adopts. */
  readonly scores: VersionScores;

  private constructor(world: PeerDependencies, membership: SiteMembership, collection: Collection) {
    this.#world = world;
    this.#membership = membership;
    this.#collection = collection;
    this.scores = new VersionScores(world, membership, collection);
  }

  static async open(
    world: PeerDependencies,
    membership: SiteMembership,
    collection: Collection,
  ): Promise<Evaluations> {
    const evaluations = new Evaluations(world, membership, collection);
    for (const stage of EVALUATION_STAGES) {
      const frame = await world.store.get('state', keyOf(stage));
      if (frame !== undefined) evaluations.#frames.set(stage, frame);
    }
    return evaluations;
  }

  /** Signed evaluations, for publication, by the names under which a status lists them. */
  get frames(): ReadonlyMap<string, Uint8Array> {
    const { newest } = this.scores;
    if (newest === undefined) return this.#frames;
    return new Map([...this.#frames, [`version-${newest.version}`, newest.frame] as const]);
  }

  list(): Evaluation[] {
    return [...this.#frames.values()].map((frame) => readFrame(frame, evaluation).body);
  }

  /** Measures and signs a model's retrieval on the test split, once per stage. */
  async measure(
    stage: EvaluationStage,
    model: Pick<Model, 'parameters' | 'version'>,
    epochs: number,
  ): Promise<void> {
    if (this.#frames.has(stage) || this.#collection.split('test').queries.rows === 0) return;
    const metrics = this.#metrics('test', model.parameters);
    const body: Evaluation = {
      epochs,
      mrrMicros: toMicros(metrics.mrr),
      queries: metrics.queries,
      recallAt10Micros: toMicros(metrics.recallAt10),
      stage,
      version: model.version,
    };
    const { federation } = this.#membership;
    const frame = sealMessage(this.#world.identity, evaluation, { federation, body });
    await this.#world.store.write([{ table: 'state', key: keyOf(stage), value: frame }]);
    this.#frames.set(stage, frame);
    this.#world.logger.info('evaluated', {
      stage,
      recallAt10: metrics.recallAt10,
      mrr: metrics.mrr,
    });
  }

  /** The baselines: the starting model as it is, and the best this site reaches alone from it. */
  async measureBaselines(
    start: Model,
    settings: AloneSettings,
    signal: AbortSignal,
  ): Promise<void> {
    await this.measure('before', start, 0);
    if (this.#frames.has('alone')) return;
    const { task } = this.#membership.genesis;
    const { queries, answers } = this.#collection.split('train');
    if (queries.rows === 0 || this.#collection.split('validation').queries.rows === 0) return;
    const best = await fitUntilNoBetter(
      this.#world.trainer,
      {
        shape: task.encoder,
        parameters: start.parameters,
        pairs: { queries, answers },
        epochs: settings.epochsPerCheck,
        learningRate: settings.learningRate,
        batchSize: task.training.batchSize,
        temperature: fromMicros(task.training.temperatureMicros),
        seed: task.seed,
      },
      (parameters) => this.#metrics('validation', parameters).mrr,
      { ...settings, signal },
    );
    await this.measure('alone', { version: 0, parameters: best.parameters }, best.bestEpochs);
  }

  #metrics(split: 'validation' | 'test', parameters: Float32Array): RetrievalMetrics {
    const { encoder } = this.#membership.genesis.task;
    return measureRetrieval(this.#collection, split, encoder, parameters);
  }
}

function keyOf(stage: EvaluationStage): string {
  return `evaluation-${stage}`;
}
