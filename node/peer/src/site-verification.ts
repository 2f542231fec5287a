// What a site computes again on request: finished rounds of all, and updates of its own.

import type { Checked, Digest, PayloadRef } from '@starling/shared';
import type { Collection } from './collection.ts';
import type { KeptTraining, KeptTrainings } from './commitments/kept-trainings.ts';
import { type UpdateVerification, verifyUpdate } from './commitments/verify-update.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { ModelVersions } from './model-versions.ts';
import { PeerError } from './peer-error.ts';
import { type VerifiedRound, verifyRound } from './verify-round.ts';

export interface SiteVerificationParts {
  readonly membership: SiteMembership;
  readonly collection: Collection;
  readonly versions: ModelVersions;
  readonly kept: KeptTrainings;
}

export class SiteVerification {
  readonly #world: PeerDependencies;
  readonly #parts: SiteVerificationParts;
  readonly #signal: AbortSignal;

  constructor(world: PeerDependencies, parts: SiteVerificationParts, signal: AbortSignal) {
    this.#world = world;
    this.#parts = parts;
    this.#signal = signal;
  }

  /**
   * Computes a finished round again from its transcript and vectors.
   * @throws {PeerError} `unknown-round`
   * @throws {PayloadError} when its vectors are not kept any more
   */
  async round(round: number): Promise<Checked<VerifiedRound>> {
    const { membership, versions } = this.#parts;
    const proof = await versions.proofOf(round);
    if (proof === undefined) {
      const message = `this site holds no proof of round ${round}: it adopted no version of it`;
      throw new PeerError('unknown-round', message);
    }
    return verifyRound(proof.body, proof.version, membership, (ref) => this.#fetch(ref));
  }

  /**
   * Trains this site's update of a round again and holds it against what the site committed to; a
   * round that opens meanwhile trains after it.
   * @param expected - the commitment that others hold; the kept one when absent
   * @throws as `verifyUpdate`
   */
  update(round: number, expected: Digest | undefined): Promise<UpdateVerification> {
    const { collection, kept, membership } = this.#parts;
    const { task } = membership.genesis;
    const { app, trainer } = this.#world;
    const fetch = (ref: PayloadRef) => this.#fetch(ref);
    const parts = { app, collection, fetch, kept, task, trainer };
    return verifyUpdate(round, expected, parts, this.#signal);
  }

  /** The rounds whose updates can be trained again, oldest first. */
  trainings(): Promise<KeptTraining[]> {
    return this.#parts.kept.all();
  }

  #fetch(ref: PayloadRef): Promise<Uint8Array> {
    const { bus, payloads } = this.#world;
    const everyone = this.#parts.membership.roster.members.map(({ transportId }) => transportId);
    const providers = everyone.filter((transportId) => transportId !== bus.self);
    return payloads.fetch(ref, { providers, signal: this.#signal });
  }
}
