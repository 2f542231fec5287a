// What this site measures of each version it adopts, on the queries that it holds out: signed, and
// published until the coordinator lists it. At most a fifth of the time goes into it.

import { sealMessage } from '@starling/crypto';
import {
  type RoundStatus,
  toMicros,
  type VersionEvaluation,
  versionEvaluation,
} from '@starling/shared';
import type { Collection } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';
import { measureRetrieval } from './retrieval.ts';

/** After a measurement so many times as long passes before the next; a version meanwhile is skipped. */
export const PAUSE_FACTOR = 4;

export class VersionScores {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #collection: Collection;
  #newest: { readonly version: number; readonly frame: Uint8Array } | undefined;
  /** Newest version that was measured, or could not be. */
  #tried = 0;
  #mayFromMs = Number.NEGATIVE_INFINITY;

  constructor(world: PeerDependencies, membership: SiteMembership, collection: Collection) {
    this.#world = world;
    this.#membership = membership;
    this.#collection = collection;
  }

  /** The newest measured version, signed. */
  get newest(): { readonly version: number; readonly frame: Uint8Array } | undefined {
    return this.#newest;
  }

  /**
   * Measures a version once. One that comes too soon after the last waits, and is left out when a
   * newer one comes first; the run's last does not wait. A model that cannot be measured is logged.
   */
  measure({ parameters, ref, version }: Model, status: RoundStatus | undefined): void {
    const { clock, identity, logger } = this.#world;
    const startedMs = clock.monotonicMs();
    const isDue = status?.finished === true || startedMs >= this.#mayFromMs;
    const { genesis, federation } = this.#membership;
    if (version <= this.#tried || !isDue || genesis.task.app !== null) return;
    if (this.#collection.split('test').queries.rows === 0) return;
    try {
      const { mrr, queries, recallAt10 } = measureRetrieval(
        this.#collection,
        'test',
        genesis.task.encoder,
        parameters,
      );
      const body: VersionEvaluation = {
        model: ref.root,
        mrrMicros: toMicros(mrr),
        queries,
        recallAt10Micros: toMicros(recallAt10),
        version,
      };
      const frame = sealMessage(identity, versionEvaluation, { federation, body });
      this.#newest = { version, frame };
      logger.info('version measured', { version, recallAt10, mrr });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      logger.warn('version not measured', { version, detail });
    }
    this.#tried = version;
    const endedMs = clock.monotonicMs();
    this.#mayFromMs = endedMs + PAUSE_FACTOR * (endedMs - startedMs);
  }
}
