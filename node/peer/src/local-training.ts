// One site's part of a round: train from the base and clip; in a plain round offer the difference and
// sign its digest.

import { digestOf, sealMessage } from '@starling/crypto';
import { clipToNorm } from '@starling/rules';
import type { Digest, ModelUpdate, RoundPlan } from '@starling/shared';
import { euclideanNorm, fromMicros, modelUpdate, tensorToBytes, toMicros } from '@starling/shared';
import { type FitProgress, TrainingError } from '@starling/training';
import type { Collection } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';

const UPDATE_KEY = 'update';

export interface TrainingOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FitProgress) => void;
}

/** What training for a plan gave. In a masked round it never leaves the site as it is. */
export interface LocalUpdate {
  readonly planDigest: Digest;
  /** Clipped difference to the base, `[elements]`. */
  readonly delta: Float32Array;
  /** Of the delta's bytes: by this a mark names an update that is spent. */
  readonly digest: Digest;
  /** True when the difference was scaled down to the plan's norm. */
  readonly clipped: boolean;
  readonly examples: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

/** Invariant: one plan gets one signed update, also when the site dies and comes back. */
export class LocalTraining {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #collection: Collection;

  constructor(world: PeerDependencies, membership: SiteMembership, collection: Collection) {
    this.#world = world;
    this.#membership = membership;
    this.#collection = collection;
  }

  /** The signed update that stands on disk for this plan. */
  async stored(planDigest: Digest): Promise<Uint8Array | undefined> {
    const value = await this.#world.store.get('state', UPDATE_KEY);
    if (value === undefined) return undefined;
    const digest = new TextDecoder().decode(value.subarray(0, 64));
    return digest === planDigest ? value.subarray(64) : undefined;
  }

  /**
   * Trains for a plan; the update stays in memory.
   * @throws {TrainingError} when the local data or model break; the round goes on without us.
   */
  async train(
    plan: RoundPlan,
    planDigest: Digest,
    base: Model,
    options: TrainingOptions,
  ): Promise<LocalUpdate> {
    const { clock, logger, meter, trainer } = this.#world;
    const { encoder } = this.#membership.genesis.task;
    const { queries, answers } = this.#collection.split('train');
    const startedMs = clock.monotonicMs();
    const fit = await trainer.fit(
      {
        shape: encoder,
        parameters: base.parameters,
        pairs: { queries, answers },
        epochs: plan.training.localEpochs,
        learningRate: fromMicros(plan.training.learningRateMicros),
        batchSize: plan.training.batchSize,
        temperature: fromMicros(plan.training.temperatureMicros),
        seed: plan.seed,
      },
      options,
    );
    const delta = difference(fit.parameters, base.parameters);
    const norm = euclideanNorm(delta);
    const clipped = clipToNorm(delta, fromMicros(plan.clippingNormMicros));
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    meter.observe('starling_peer_training_seconds', seconds);
    logger.info('trained', { round: plan.round, loss: fit.lastLoss, norm, clipped, seconds });
    return {
      planDigest,
      delta,
      digest: digestOf(tensorToBytes(delta)),
      clipped,
      examples: fit.examples,
      lossFirst: fit.firstLoss,
      lossLast: fit.lastLoss,
    };
  }

  /**
   * Trains for a plan of a plain round and stores the signed update before it returns.
   * @throws {TrainingError} as `train`
   */
  async answer(
    plan: RoundPlan,
    planDigest: Digest,
    base: Model,
    options: TrainingOptions,
  ): Promise<Uint8Array> {
    const { identity, payloads, store } = this.#world;
    const update = await this.train(plan, planDigest, base, options);
    const body: ModelUpdate = {
      base: plan.base,
      clipped: update.clipped,
      elements: update.delta.length,
      examples: update.examples,
      lossFirstMicros: toMicros(update.lossFirst),
      lossLastMicros: toMicros(update.lossLast),
      payload: await payloads.offer(tensorToBytes(update.delta)),
      plan: planDigest,
      round: plan.round,
    };
    const { federation } = this.#membership;
    const frame = sealMessage(identity, modelUpdate, { federation, body });
    const value = new Uint8Array(64 + frame.byteLength);
    value.set(new TextEncoder().encode(planDigest));
    value.set(frame, 64);
    await store.write([{ table: 'state', key: UPDATE_KEY, value }]);
    return frame;
  }
}

function difference(after: Float32Array, before: Float32Array): Float32Array {
  if (after.length !== before.length) {
    throw new TrainingError('shape-mismatch', `${after.length} against ${before.length}`);
  }
  const delta = new Float32Array(after.length);
  for (let i = 0; i < delta.length; i++) delta[i] = (after[i] as number) - (before[i] as number);
  return delta;
}
