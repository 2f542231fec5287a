// The certified model this site works with, and how it catches up with a newer one.

import { openMessage, sealMessage } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import type { FinalVersion, PayloadRef, Sequence } from '@starling/shared';
import {
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  PayloadError,
  payloadRefSchema,
  refused,
  roundPlan,
  tensorFromBytes,
  tensorToBytes,
  uintSchema,
  VERSION_PROTOCOL,
  versionRequest,
  versionResponse,
  z,
} from '@starling/shared';
import { initialParameters, parameterCount } from '@starling/training';
import { checkVersionProof } from './check-version-proof.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import { PeerError } from './peer-error.ts';

const VERSION_ANSWER_BYTES_MAX = 2 * 1024 * 1024;
const MODEL_KEY = 'model';

export interface Model {
  readonly version: number;
  readonly ref: PayloadRef;
  /** `[buckets × dimension]` */
  readonly parameters: Float32Array;
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
    const parameters = await this.#fetch(proof.value, signal);
    const record = encodeCanonical({ ref: proof.value, version });
    await store.write([
      { table: 'version', key: String(version).padStart(10, '0'), value: answer },
      { table: 'state', key: MODEL_KEY, value: record },
    ]);
    this.#current = { version, ref: proof.value, parameters };
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
      this.#current = { version, ref, parameters: await this.#fetch(ref) };
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      this.#world.logger.warn('stored model not found, catching up', { version });
    }
  }

  async #fetch(ref: PayloadRef, signal?: AbortSignal): Promise<Float32Array> {
    const { bus, payloads } = this.#world;
    const coordinator = this.#membership.coordinator?.transportId;
    const others = this.#membership.peers
      .map(({ transportId }) => transportId)
      .filter((transportId) => transportId !== bus.self);
    const bytes = await payloads.fetch(ref, {
      providers: coordinator === undefined ? others : [coordinator, ...others],
      ...(signal === undefined ? {} : { signal }),
    });
    const elements = parameterCount(this.#membership.genesis.task.encoder);
    const tensor = tensorFromBytes(bytes, elements);
    if (!tensor.ok) throw new PeerError('model-unavailable', tensor.refusal.detail);
    return tensor.value;
  }
}

async function startingModel(world: PeerDependencies, membership: SiteMembership): Promise<Model> {
  const { encoder, seed } = membership.genesis.task;
  const parameters = initialParameters(encoder, seed);
  return { version: 0, ref: await world.payloads.offer(tensorToBytes(parameters)), parameters };
}
