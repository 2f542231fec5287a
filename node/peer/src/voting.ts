// A voter trusts nobody's sum: it pulls every update, checks each, adds them up again and signs
// only the model that it got itself.

import { type DecodedSum, openMessage, type SessionPolicy, sealMessage } from '@starling/crypto';
import {
  checkUpdateHeader,
  checkUpdatePayload,
  federatedAverage,
  isSameStatistics,
  maskedAverage,
  openTranscripts,
  sumStatistics,
  sumTranscript,
  voteFor,
  type WeightedUpdate,
} from '@starling/rules';
import type {
  Aggregate,
  Digest,
  MemberId,
  ModelUpdate,
  Opened,
  RosterMember,
  RoundPlan,
  TransportId,
} from '@starling/shared';
import {
  type Checked,
  checked,
  decodeCanonical,
  ENVELOPE_OVERHEAD_BYTES,
  encodeCanonical,
  equalBytes,
  type MaskedAggregation,
  modelUpdate,
  modelVote,
  ROSTER_MEMBERS_MAX,
  refused,
  TRANSCRIPT_BYTES_MAX,
  tensorToBytes,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';

/** Largest bundle of update frames: one of every member. */
const BUNDLE_BYTES_MAX =
  ROSTER_MEMBERS_MAX * (modelUpdate.bodyBytesMax + ENVELOPE_OVERHEAD_BYTES) + 1024;

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
    const { aggregation } = this.#membership.genesis.task;
    const model =
      aggregation.mode === 'masked'
        ? await this.#maskedModel(ballot, aggregation, base, signal)
        : await this.#plainModel(ballot, base, signal);
    if (!model.ok) return model;
    const ref = await payloads.offer(tensorToBytes(model.value));
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

  async #plainModel(
    ballot: Ballot,
    base: Model,
    signal: AbortSignal,
  ): Promise<Checked<Float32Array>> {
    const updates = await this.#updates(ballot, signal);
    if (!updates.ok) return updates;
    return checked(federatedAverage(base.parameters, updates.value));
  }

  /** Checks every group's transcript, adds the masked vectors and takes the masks off. */
  async #maskedModel(
    { aggregate, plan, planDigest }: Ballot,
    policy: MaskedAggregation,
    base: Model,
    signal: AbortSignal,
  ): Promise<Checked<Float32Array>> {
    if (aggregate.updates.bytes > TRANSCRIPT_BYTES_MAX) {
      return refused('oversized', `transcripts of ${aggregate.updates.bytes} bytes`);
    }
    const { payloads } = this.#world;
    const roster = this.#membership.rosterNamed(plan.roster);
    if (roster === undefined) return refused('unknown-plan', 'the plan names an unknown roster');
    const keyOf = (member: MemberId, role: RosterMember['role']) =>
      roster.members.find((each) => each.member === member && each.role === role)?.publicKey;
    const bytes = await payloads.fetch(aggregate.updates, {
      providers: this.#providers(undefined),
      signal,
    });
    const transcripts = openTranscripts(
      bytes,
      { plan, planDigest, policy, missing: aggregate.missing, floors: this.#policy },
      {
        federation: this.#membership.federation,
        coordinatorKeyOf: (member) => keyOf(member, 'coordinator'),
        memberKeyOf: (member) => keyOf(member, 'peer'),
      },
    );
    if (!transcripts.ok) return transcripts;
    const groups: DecodedSum[] = [];
    for (const transcript of transcripts.value) {
      const sum = await sumTranscript(transcript, plan, (member, ref) =>
        payloads.fetch(ref, { providers: this.#providers(member), signal }),
      );
      if (!sum.ok) return sum;
      groups.push(sum.value);
    }
    if (!isSameStatistics(sumStatistics(groups), aggregate.statistics)) {
      return refused('equivocation', 'the sum tells other statistics than claimed');
    }
    return checked(maskedAverage(base.parameters, groups));
  }

  async #updates(ballot: Ballot, signal: AbortSignal): Promise<Checked<WeightedUpdate[]>> {
    const { aggregate, plan } = ballot;
    if (aggregate.updates.bytes > BUNDLE_BYTES_MAX) {
      return refused('oversized', `a bundle of ${aggregate.updates.bytes} bytes`);
    }
    const bundle = await this.#world.payloads.fetch(aggregate.updates, {
      providers: this.#providers(undefined),
      signal,
    });
    const headers = this.#openBundle(bundle, ballot);
    if (!headers.ok) return headers;
    if (headers.value.length < plan.updatesMin) {
      return refused('wrong-shape', `${headers.value.length} updates, ${plan.updatesMin} needed`);
    }
    const named = [
      ...headers.value.map(({ sender }) => sender),
      ...aggregate.missing.map(({ member }) => member),
    ];
    if (named.sort().join() !== [...plan.cohort].sort().join()) {
      return refused('wrong-shape', 'the sum does not account for every member of the cohort once');
    }
    const weighted: WeightedUpdate[] = [];
    for (const { body, sender } of headers.value) {
      const bytes = await this.#world.payloads.fetch(body.payload, {
        providers: this.#providers(sender),
        signal,
      });
      const payload = checkUpdatePayload(bytes, plan);
      if (!payload.ok) return payload;
      weighted.push({ examples: body.examples, delta: payload.value });
    }
    return checked(weighted);
  }

  #openBundle(bytes: Uint8Array, ballot: Ballot): Checked<Opened<ModelUpdate>[]> {
    const { plan, planDigest } = ballot;
    const decoded = decodeCanonical(bytes, bytes.byteLength);
    if (!decoded.ok) return refused(decoded.fault, decoded.detail);
    if (!Array.isArray(decoded.value)) return refused('wrong-shape', 'the bundle is no list');
    const opened: Opened<ModelUpdate>[] = [];
    for (const frame of decoded.value) {
      if (!(frame instanceof Uint8Array)) return refused('wrong-shape', 'a frame is no bytes');
      const update = openMessage(frame, modelUpdate, {
        federation: this.#membership.federation,
        nowMs: 0,
        keyOf: (sender) => this.#membership.keyUnder(plan.roster, sender),
      });
      if (!update.ok) return update;
      const { body, sender } = update.value;
      const objection = checkUpdateHeader(body, sender, plan, planDigest);
      if (objection !== undefined) return { ok: false, refusal: objection };
      const previous = opened.at(-1)?.sender;
      if (previous !== undefined && sender <= previous) {
        return refused('wrong-shape', 'updates are not ordered by member, once each');
      }
      opened.push(update.value);
    }
    return checked(opened);
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
