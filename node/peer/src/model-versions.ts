// The certified model this site works with, and how it catches up with a newer one.

import { openMessage, payloadRef, sealMessage } from '@starling/crypto';
import { decodeVersion, readFrame, type VersionModel } from '@starling/rules';
import type { AppTask, FinalVersion, PayloadRef, Sequence } from '@starling/shared';
import {
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  modelElements,
  PayloadError,
  payloadRefSchema,
  refused,
  roundPlan,
  tensorToBytes,
  uintSchema,
  VERSION_PROTOCOL,
  versionRequest,
  versionResponse,
  z,
} from '@starling/shared';
import { initialParameters } from '@starling/training';
import { checkVersionProof } from './check-version-proof.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import { PeerError } from './peer-error.ts';

const VERSION_ANSWER_BYTES_MAX = 2 * 1024 * 1024;
const MODEL_KEY = 'model';

/** Parameters: `[buckets × dimension]` of the encoder, or an app's weights. */
export interface Model extends VersionModel {
  readonly version: number;
  readonly ref: PayloadRef;
}

const storedModelSchema = z.strictObject({ ref: payloadRefSchema, version: uintSchema });

/**
 * Invariant: `current` is version 0 or carries a certificate of a quorum; it never goes back while
 * the site runs.
 */
export class ModelVersions {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #sequence: Sequence;
  #current: Model;

  private constructor(
    world: PeerDependencies,
    membership: SiteMembership,
    sequence: Sequence,
    current: Model,
  ) {
    this.#world = world;
    this.#membership = membership;
    this.#sequence = sequence;
    this.#current = current;
  }

  static async open(
    world: PeerDependencies,
    membership: SiteMembership,
    sequence: Sequence,
  ): Promise<ModelVersions> {
    const starting = await startingModel(world, membership);
    const versions = new ModelVersions(world, membership, sequence, starting);
    const stored = await world.store.get('state', MODEL_KEY);
    if (stored !== undefined) {
      const decoded = decodeCanonical(stored, 1024);
      const { ref, version } = storedModelSchema.parse(decoded.ok ? decoded.value : undefined);
      await versions.#resume(version, ref);
    }
    return versions;
  }

  get current(): Model {
    return this.#current;
  }

  /**
   * Fetches the proof of `version` from the coordinator, checks it and adopts the model.
   * @returns true when the site moved on; false when the proof is missing or does not hold.
   * @throws {BusError | PayloadError} when the world fails; try again later.
   */
  async catchUp(version: number, signal: AbortSignal): Promise<boolean> {
    if (version <= this.#current.version) return false;
    const coordinator = this.#membership.coordinator;
    if (coordinator === undefined) return false;
    const { bus, identity, logger, store } = this.#world;
    const request = sealMessage(identity, versionRequest, {
      federation: this.#membership.federation,
      body: { version },
      ...this.#sequence.stamp(),
    });
    const answer = await bus.request(coordinator.transportId, VERSION_PROTOCOL, request, {
      answerBytesMax: VERSION_ANSWER_BYTES_MAX,
      signal,
    });
    const proof = this.#checkProof(answer, version);
    if (!proof.ok) {
      logger.warn('version not proved', { version, detail: proof.refusal.detail });
      return false;
    }
    const model = await this.#fetch(proof.value, signal);
    const record = encodeCanonical({ ref: proof.value, version });
    await store.write([
      { table: 'version', key: String(version).padStart(10, '0'), value: answer },
      { table: 'state', key: MODEL_KEY, value: record },
    ]);
    this.#current = { version, ref: proof.value, ...model };
    logger.info('version adopted', { version });
    return true;
  }

  /** The stored proof of the version that a round made; undefined when this site skipped it. */
  async proofOf(
    round: number,
  ): Promise<{ readonly version: number; readonly body: FinalVersion } | undefined> {
    for await (const { key, value } of this.#world.store.entries('version')) {
      const { body } = readFrame(value, versionResponse);
      if (body.outcome !== 'final') continue;
      if (readFrame(body.plan, roundPlan).body.round === round)
        return { version: Number(key), body };
    }
    return undefined;
  }

  #checkProof(answer: Uint8Array, version: number): Checked<PayloadRef> {
    const opened = openMessage(answer, versionResponse, {
      federation: this.#membership.federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => this.#membership.keyOf(sender, 'coordinator'),
    });
    if (!opened.ok) return opened;
    const { body } = opened.value;
    if (body.outcome === 'unknown') return refused('unknown-plan', 'the coordinator has no proof');
    const proved = checkVersionProof(body, version, this.#membership);
    return proved.ok ? checked(body.model) : proved;
  }

  /** Should the disk have lost the model and nobody be there to ask, the site catches up later. */
  async #resume(version: number, ref: PayloadRef): Promise<void> {
    try {
      this.#current = { version, ref, ...(await this.#fetch(ref)) };
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      this.#world.logger.warn('stored model not found, catching up', { version });
    }
  }

  async #fetch(ref: PayloadRef, signal?: AbortSignal): Promise<VersionModel> {
    const { bus, payloads } = this.#world;
    const coordinator = this.#membership.coordinator?.transportId;
    const others = this.#membership.peers
      .map(({ transportId }) => transportId)
      .filter((transportId) => transportId !== bus.self);
    const bytes = await payloads.fetch(ref, {
      providers: coordinator === undefined ? others : [coordinator, ...others],
      ...(signal === undefined ? {} : { signal }),
    });
    const version = decodeVersion(bytes, modelElements(this.#membership.genesis.task));
    if (!version.ok) throw new PeerError('model-unavailable', version.refusal.detail);
    return version.value;
  }
}

async function startingModel(world: PeerDependencies, membership: SiteMembership): Promise<Model> {
  const { app, encoder, seed } = membership.genesis.task;
  const parameters = app === null ? initialParameters(encoder, seed) : await appStart(world, app);
  const ref = await world.payloads.offer(tensorToBytes(parameters));
  return { version: 0, ref, parameters, state: {} };
}

/** What the installed app starts from, if it is the app that the federation agreed on. */
async function appStart({ app }: PeerDependencies, task: AppTask): Promise<Float32Array> {
  if (app === undefined) {
    const message = `this federation trains the app "${task.name}": start the site with --app <folder>`;
    throw new PeerError('wrong-app', message);
  }
  if (app.digest !== task.digest) {
    const message =
      `the installed app "${app.name}" has other files (${app.digest.slice(0, 16)}) than the one ` +
      `that the federation agreed on, "${task.name}" (${task.digest.slice(0, 16)})`;
    throw new PeerError('wrong-app', message);
  }
  const weights = await app.initial();
  const { root } = payloadRef(tensorToBytes(weights));
  if (weights.length === task.elements && root === task.initial) return weights;
  const message =
    `the app "${app.name}" starts from ${weights.length} weights (${root.slice(0, 16)}), the ` +
    `federation from ${task.elements} (${task.initial.slice(0, 16)}): "initial" must follow from the ` +
    'seed alone';
  throw new PeerError('wrong-app', message);
}
