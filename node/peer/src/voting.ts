// A voter trusts nobody's sum: it pulls every update, checks each, adds them up again and signs
// only the model that it got itself.

import { type SessionPolicy, sealMessage } from '@starling/crypto';
import { encodeVersion, voteFor } from '@starling/rules';
import type { Aggregate, Digest, MemberId, RoundPlan, TransportId } from '@starling/shared';
import {
  type Checked,
  checked,
  encodeCanonical,
  equalBytes,
  modelVote,
  refused,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';
import { recomputeSum } from './recompute-sum.ts';

export interface Ballot {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
  readonly aggregate: Aggregate;
}

/** Invariant: at most one vote per version leaves this site, whatever restarts in between. */
export class Voting {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #policy: SessionPolicy;

  constructor(world: PeerDependencies, membership: SiteMembership, policy: SessionPolicy) {
    this.#world = world;
    this.#membership = membership;
    this.#policy = policy;
  }

  /**
   * Recomputes the sum and returns the signed vote, or why this site does not vote for it.
   * @throws {PayloadError} when an update cannot be had now; try again later.
   */
  async vote(ballot: Ballot, base: Model, signal: AbortSignal): Promise<Checked<Uint8Array>> {
    const vote = await this.#decide(ballot, base, signal);
    const outcome = vote.ok ? 'cast' : vote.refusal.reason;
    this.#world.meter.count('starling_peer_votes_total', 1, { outcome });
    return vote;
  }

  async #decide(ballot: Ballot, base: Model, signal: AbortSignal): Promise<Checked<Uint8Array>> {
    const { identity, payloads, store } = this.#world;
    const { aggregate } = ballot;
    const { plan } = ballot;
    const roster = this.#membership.rosterNamed(plan.roster);
    if (roster === undefined) return refused('unknown-plan', 'the plan names an unknown roster');
    const sum = await recomputeSum(ballot, base, {
      federation: this.#membership.federation,
      genesis: this.#membership.genesis,
      roster,
      floors: this.#policy,
      fetch: (wanted, author) =>
        payloads.fetch(wanted, { providers: this.#providers(author), signal }),
    });
    if (!sum.ok) return sum;
    const ref = await payloads.offer(encodeVersion(sum.value.model));
    if (ref.root !== aggregate.model.root) {
      return refused('equivocation', `the sum is ${ref.root}, claimed ${aggregate.model.root}`);
    }
    const body = voteFor(aggregate);
    const mine = encodeCanonical(body);
    const cast = await store.putIfAbsent('vote', String(aggregate.version), mine);
    if (!equalBytes(cast, mine)) {
      return refused('duplicate', `this site voted for another version ${aggregate.version}`);
    }
    return checked(
      sealMessage(identity, modelVote, { federation: this.#membership.federation, body }),
    );
  }

  /** Who may hold a payload: its author first, then the coordinator, then everyone. */
  #providers(author: MemberId | undefined): TransportId[] {
    const { bus } = this.#world;
    const coordinator = this.#membership.coordinator?.transportId;
    const peers = this.#membership.peers;
    const first = peers.filter(({ member }) => member === author);
    const rest = peers.filter(({ member }) => member !== author);
    return [
      ...first.map(({ transportId }) => transportId),
      ...(coordinator === undefined ? [] : [coordinator]),
      ...rest.map(({ transportId }) => transportId),
    ].filter((transportId) => transportId !== bus.self);
  }
}
