// One site's part of a round: train from the base and clip, and keep what the site commits to; in a
// plain round offer the difference and sign its digest.

import { digestOf, type RandomSource, sealMessage } from '@starling/crypto';
import { lateRoundOf } from '@starling/rules';
import type { Digest, ModelUpdate, RoundPlan } from '@starling/shared';
import { fromMicros, modelUpdate, tensorToBytes, toMicros } from '@starling/shared';
import type { Collection, SplitRows } from './collection.ts';
import type { KeptTrainings } from './commitments/kept-trainings.ts';
import { type TrainingOptions, trainDifference } from './commitments/trained-difference.ts';
import { describeData, type TrainingData } from './commitments/training-data.ts';
import {
  appEngine,
  committedEngine,
  SALT_BYTES,
  type TrainingRecord,
} from './commitments/training-record.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';
import type { SpentMarks } from './spent-marks.ts';

const UPDATE_KEY = 'update';

/** What training for a plan gave. In a masked round it never leaves the site as it is. */
export interface LocalUpdate {
  /** The plan that it answers. */
  readonly planDigest: Digest;
  /** Content root of the model that it was trained from: the plan's, or an older one's when late. */
  readonly base: Digest;
  /** Clipped difference to the base, `[elements]`. */
  readonly delta: Float32Array;
  /** Of the delta's bytes: by this a mark names an update that is spent. */
  readonly digest: Digest;
  /** To how it was trained: all that a signed message says of it in a masked round. */
  readonly commitment: Digest;
  /** True when the difference was scaled down to the plan's norm. */
  readonly clipped: boolean;
  readonly examples: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

export interface LocalTrainingParts {
  readonly membership: SiteMembership;
  readonly collection: Collection;
  readonly kept: KeptTrainings;
  readonly spent: SpentMarks;
  readonly random: RandomSource;
}

/** Invariant: one plan gets one update, also when the site dies and comes back. */
export class LocalTraining {
  readonly #world: PeerDependencies;
  readonly #parts: LocalTrainingParts;
  /** The list of a split is made once for every state of the collection. */
  readonly #lists = new WeakMap<SplitRows, TrainingData>();

  constructor(world: PeerDependencies, parts: LocalTrainingParts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** The signed update that stands on disk for this plan. */
  async stored(planDigest: Digest): Promise<Uint8Array | undefined> {
    const value = await this.#world.store.get('state', UPDATE_KEY);
    if (value === undefined) return undefined;
    const digest = new TextDecoder().decode(value.subarray(0, 64));
    return digest === planDigest ? value.subarray(64) : undefined;
  }

  /**
   * Trains for a plan, or takes up what was trained for it before a restart; what the site commits
   * to is on its disk when it resolves.
   * @throws {TrainingError} when the local data or model break; the round goes on without us.
   */
  async train(
    plan: RoundPlan,
    planDigest: Digest,
    base: Model,
    options: TrainingOptions,
  ): Promise<LocalUpdate> {
    const before = await this.#resumed(plan, planDigest);
    if (before !== undefined) return before;
    const { app, clock, logger, meter, trainer } = this.#world;
    const { collection, kept, membership, random } = this.#parts;
    const { task } = membership.genesis;
    const split = collection.split('train');
    // Which data an app reads is its own affair.
    const data = task.app === null ? this.#listOf(split) : describeData([]);
    const startedMs = clock.monotonicMs();
    const { clippingNormMicros, cohort, round, seed, training } = plan;
    const { member } = this.#world.identity;
    const pairs = { queries: split.queries, answers: split.answers };
    const asked = { clippingNormMicros, cohort, round, seed, training };
    const terms = { ...asked, member, task, base: base.parameters, pairs };
    const trained = await trainDifference({ app, trainer }, terms, options);
    const { clipped, delta, norm } = trained;
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    meter.observe('starling_peer_training_seconds', seconds);
    logger.info('trained', { round, loss: trained.lossLast, norm, clipped, seconds });
    const record: TrainingRecord = {
      ...asked,
      cohort: [...cohort],
      base: plan.base,
      baseBytes: base.ref.bytes,
      baseVersion: plan.baseVersion,
      clipped,
      data: data.digest,
      delta: digestOf(tensorToBytes(delta)),
      elements: delta.length,
      engine:
        task.app === null || app === undefined
          ? committedEngine(trainer.engine(task.encoder))
          : appEngine(app),
      examples: trained.examples,
      member,
      lossFirstMicros: toMicros(trained.lossFirst),
      lossLastMicros: toMicros(trained.lossLast),
      plan: planDigest,
    };
    const commitment = await kept.keep(record, random(SALT_BYTES), { data, delta });
    return updateOf(record, commitment, delta);
  }

  /**
   * What this site trained for a former round and comes too late for it, as an answer to this plan:
   * undefined when the plan admits none, none is kept, or it was signed for and so is spent.
   */
  async late(plan: RoundPlan, planDigest: Digest): Promise<LocalUpdate | undefined> {
    const { kept, spent } = this.#parts;
    const admitted = lateRoundOf(plan, this.#world.identity.member);
    const training = admitted === undefined ? undefined : await kept.of(admitted.round);
    if (admitted === undefined || training === undefined) return undefined;
    const { record } = training;
    if (record.plan !== admitted.plan || record.base !== admitted.base) return undefined;
    if (spent.standing({ round: plan.round, update: record.delta }) !== undefined) return undefined;
    const delta = await kept.deltaOf(record);
    if (delta === undefined || delta.length !== plan.elements) return undefined;
    return { ...updateOf(record, training.commitment, delta), planDigest };
  }

  /** Signs an update of a plain round and stores it before it returns. */
  async answer(plan: RoundPlan, update: LocalUpdate): Promise<Uint8Array> {
    const { identity, payloads, store } = this.#world;
    const { planDigest } = update;
    const body: ModelUpdate = {
      base: update.base,
      clipped: update.clipped,
      commitment: update.commitment,
      elements: update.delta.length,
      examples: update.examples,
      lossFirstMicros: toMicros(update.lossFirst),
      lossLastMicros: toMicros(update.lossLast),
      payload: await payloads.offer(tensorToBytes(update.delta)),
      plan: planDigest,
      round: plan.round,
    };
    const { federation } = this.#parts.membership;
    const frame = sealMessage(identity, modelUpdate, { federation, body });
    const value = new Uint8Array(64 + frame.byteLength);
    value.set(new TextEncoder().encode(planDigest));
    value.set(frame, 64);
    await store.write([{ table: 'state', key: UPDATE_KEY, value }]);
    return frame;
  }

  /** Training again would be another update, if documents were added meanwhile. */
  async #resumed(plan: RoundPlan, planDigest: Digest): Promise<LocalUpdate | undefined> {
    const { kept } = this.#parts;
    const training = await kept.of(plan.round);
    if (training?.record.plan !== planDigest) return undefined;
    const delta = await kept.deltaOf(training.record);
    if (delta === undefined) return undefined;
    return updateOf(training.record, training.commitment, delta);
  }

  #listOf(split: SplitRows): TrainingData {
    const known = this.#lists.get(split);
    if (known !== undefined) return known;
    const { documents } = this.#parts.collection;
    const list = describeData(Array.from(split.targets).flatMap((row) => documents[row] ?? []));
    this.#lists.set(split, list);
    return list;
  }
}

function updateOf(record: TrainingRecord, commitment: Digest, delta: Float32Array): LocalUpdate {
  return {
    planDigest: record.plan,
    base: record.base,
    delta,
    digest: record.delta,
    commitment,
    clipped: record.clipped,
    examples: record.examples,
    lossFirst: fromMicros(record.lossFirstMicros),
    lossLast: fromMicros(record.lossLastMicros),
  };
}
