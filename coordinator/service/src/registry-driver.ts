// Carries out what the rules decide about versions: a rollback's sum, the early end of a run.

import { sealMessage } from '@starling/crypto';
import { findVersion, isAggregating, type Step, versionProof } from '@starling/rules';
import { aggregate, encodeCanonical } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

export class RegistryDriver {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;

  constructor(world: CoordinatorDependencies, log: FederationLog) {
    this.#world = world;
    this.#log = log;
  }

  /**
   * Publishes a certified version as the open round's sum; its evidence is the proof of that version.
   * @throws {CoordinatorError} `model-unavailable`
   */
  async restore(version: number): Promise<void> {
    const { identity, payloads } = this.#world;
    const { state } = this.#log;
    const record = findVersion(state, version);
    const { round } = state;
    if (record === undefined || round === undefined) {
      throw new CoordinatorError('model-unavailable', `version ${version} is not known any more`);
    }
    const frame = sealMessage(identity, aggregate, {
      federation: state.federation,
      body: {
        base: round.plan.base,
        missing: [],
        model: record.model,
        plan: round.planDigest,
        round: round.plan.round,
        statistics: null,
        updates: await payloads.offer(encodeCanonical(versionProof(record))),
        version: round.plan.baseVersion + 1,
      },
    });
    await this.#log.transact(({ round: now }) =>
      now?.planDigest === round.planDigest && isAggregating(now)
        ? [{ type: 'aggregate-published', payload: { aggregate: frame } }]
        : [],
    );
  }

  /** @param head where the log ended when the rules decided */
  async stopRun(head: number, { reason, version }: Step & { kind: 'stop-run' }): Promise<void> {
    const stopped = await this.#log.transact((state) =>
      state.head === head ? [{ type: 'run-stopped', payload: { reason, version } }] : [],
    );
    if (stopped) this.#world.logger.info('the run stopped early', { reason, best: version });
  }
}
