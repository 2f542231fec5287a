// What an operator decides about versions: which one is pinned, which one comes back.

import {
  type EvaluationMatrix,
  evaluationMatrix,
  findVersion,
  isOpen,
  pinSchema,
  restorableVersions,
  type VersionRecord,
  type VersionView,
  versionViews,
} from '@starling/rules';
import type { PayloadExchange, z } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { FederationLog } from './federation-log.ts';

export type PinRequest = z.infer<typeof pinSchema>;

export class ModelDesk {
  readonly #log: FederationLog;
  readonly #payloads: PayloadExchange;
  readonly #onRecorded: () => void;

  constructor(log: FederationLog, payloads: PayloadExchange, onRecorded: () => void) {
    this.#log = log;
    this.#payloads = payloads;
    this.#onRecorded = onRecorded;
  }

  /** Newest first. */
  versions(): VersionView[] {
    return versionViews(this.#log.state);
  }

  /** The pinned version; null when none is. */
  get pinned(): number | null {
    return this.#log.state.registry.pin?.version ?? null;
  }

  matrix(): EvaluationMatrix {
    return evaluationMatrix(this.#log.state);
  }

  /**
   * Holds a version to be the best; it takes the former pin's place, and its model stays.
   * @throws {CoordinatorError} `unknown-version`, `invalid-pin`
   */
  async pin(request: PinRequest): Promise<void> {
    const parsed = pinSchema.safeParse(request);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const message = `the pin's ${issue?.path.join('.')}: ${issue?.message}`;
      throw new CoordinatorError('invalid-pin', message);
    }
    const { direction, metric, version } = parsed.data;
    await this.#assertHeld(this.#recordOf(version));
    await this.#log.transact((state) => {
      const { pin } = state.registry;
      const isSame =
        pin?.version === version && pin.metric === metric && pin.direction === direction;
      return isSame ? [] : [{ type: 'version-pinned', payload: parsed.data }];
    });
    this.#onRecorded();
  }

  /** @throws {CoordinatorError} `unknown-version` when it is not the pinned one */
  async unpin(version: number): Promise<void> {
    await this.#log.transact(({ registry }) => {
      if (registry.pin?.version === version) {
        return [{ type: 'version-unpinned', payload: { version } }];
      }
      const pinned = registry.pin === null ? 'none is' : `version ${registry.pin.version} is`;
      throw new CoordinatorError('unknown-version', `version ${version} is not pinned: ${pinned}`);
    });
    this.#onRecorded();
  }

  /**
   * Has the next round bring a version back; every voter checks that it is that version's model.
   * @throws {CoordinatorError} `unknown-version` when it is not known or its model is not kept,
   * `not-permitted` when it is the newest, or another one is being restored
   */
  async rollback(version: number): Promise<void> {
    const record = this.#recordOf(version);
    if (!restorableVersions(this.#log.state).includes(record)) {
      const kept = restorableVersions(this.#log.state).map((each) => each.version);
      const message = `the model of version ${version} is not kept: those of ${kept.join(', ')} are`;
      throw new CoordinatorError('unknown-version', message);
    }
    await this.#assertHeld(record);
    await this.#log.transact(({ registry, round, versions }) => {
      if (versions.at(-1)?.model.root === record.model.root) {
        const message = `version ${version} is what the newest version is already`;
        throw new CoordinatorError('not-permitted', message);
      }
      if (registry.restoring !== null && registry.restoring.version === version) return [];
      if (registry.restoring !== null || (round?.plan.restores && isOpen(round))) {
        const message = `version ${registry.restoring?.version} is being restored: wait for it`;
        throw new CoordinatorError('not-permitted', message);
      }
      const payload = { model: record.model.root, version };
      return [{ type: 'rollback-planned', payload }];
    });
    this.#onRecorded();
  }

  #recordOf(version: number): VersionRecord {
    const record = findVersion(this.#log.state, version);
    if (record !== undefined) return record;
    const known = this.#log.state.versions.map((each) => each.version);
    const range = known.length === 0 ? 'there is none' : `known are ${known[0]} to ${known.at(-1)}`;
    throw new CoordinatorError('unknown-version', `version ${version} is not known: ${range}`);
  }

  async #assertHeld({ model, version }: VersionRecord): Promise<void> {
    if (await this.#payloads.has(model)) return;
    const message = `the model of version ${version} (${model.root.slice(0, 16)}) is not kept here`;
    throw new CoordinatorError('unknown-version', message);
  }
}
