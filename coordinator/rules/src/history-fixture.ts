// A federation's log written by hand: real frames of real keys, one event after the other.

import {
  createIdentity,
  digestOf,
  encodeBody,
  type Identity,
  sealMessage,
  signStatement,
} from '@starling/crypto';
import type {
  AggregationPolicy,
  FederationId,
  Genesis,
  PayloadRef,
  Roster,
  TransportId,
} from '@starling/shared';
import {
  type Aggregate,
  aggregate,
  genesis,
  type ModelUpdate,
  modelUpdate,
  modelVote,
  NO_FEDERATION,
  type Registration,
  type RoundPlan,
  roster,
  roundPlan,
} from '@starling/shared';
import { voteFor } from './check-vote.ts';
import { decodeEvent, encodeEvent, type FederationEvent } from './events.ts';
import { activePeers, type FederationState, foldEvent } from './federation-state.ts';
import { nextRoster, type RosterChange } from './roster/next-roster.ts';
import { encodeSignedRoster } from './roster/open-roster.ts';
import type { RoundState } from './round-state.ts';

export const START_MS = 1_800_000_000_000;
export const ELEMENTS = 8;

const SITES = [1, 2, 3, 4].map((n) => createIdentity(new Uint8Array(32).fill(n)));

/** Site identities in ascending order of their member ids. */
export const MEMBERS: readonly Identity[] = SITES.sort((a, b) => (a.member < b.member ? -1 : 1));

/** Signs plans, sums and rosters. */
export const COORDINATOR = createIdentity(new Uint8Array(32).fill(99));

export function payloadOf(text: string, bytes = ELEMENTS * 4): PayloadRef {
  return { bytes, root: digestOf(new TextEncoder().encode(text)) };
}

const terms: Genesis = {
  administrators: [{ member: COORDINATOR.member, publicKey: COORDINATOR.publicKey }],
  coordinator: { member: COORDINATOR.member, publicKey: COORDINATOR.publicKey },
  createdAtMs: START_MS,
  name: 'ponds',
  rewards: { acceptedUpdate: 10, supply: 1000, vote: 1 },
  threshold: 1,
  task: {
    aggregation: { mode: 'plain' },
    app: null,
    clippingNormMicros: 1_000_000,
    encoder: { buckets: 2, dimension: 4 },
    seed: 7,
    training: {
      batchSize: 8,
      learningRateMicros: 1000,
      localEpochs: 1,
      temperatureMicros: 50_000,
    },
  },
};

/** The coordinator and the four sites, without records that bind their keys. */
export function firstRoster(): Roster {
  const sites = MEMBERS.map((identity, i) => ({
    identity,
    site: `site${i}`,
    role: 'peer' as const,
  }));
  const own = { identity: COORDINATOR, site: 'coordinator', role: 'coordinator' as const };
  const members = [own, ...sites].map(({ identity, role, site }, i) => ({
    binding: payloadOf(`binding of ${site}`).root,
    bindingSeq: 1,
    bindingUntilMs: START_MS * 2,
    formerly: null,
    member: identity.member,
    publicKey: identity.publicKey,
    role,
    sinceMs: START_MS,
    site,
    status: 'active' as const,
    transportId: `transport${i}`.padEnd(20, 'x') as TransportId,
  }));
  return {
    epoch: 1,
    members: members.sort((a, b) => (a.member < b.member ? -1 : 1)),
    notAfterMs: START_MS + 1_000_000_000,
    previous: null,
    revoked: [],
    seq: 1,
  };
}

/** Invariant: `state` is the fold of `events`. */
export class History {
  readonly events: FederationEvent[] = [];
  readonly #genesisFrame: Uint8Array;
  readonly #federation: FederationId;
  #state: FederationState | undefined;
  nowMs = START_MS;

  constructor(
    rewards: Partial<Genesis['rewards']> = {},
    aggregation: AggregationPolicy = terms.task.aggregation,
  ) {
    const task = { ...terms.task, aggregation };
    const body = { ...terms, rewards: { ...terms.rewards, ...rewards }, task };
    this.#genesisFrame = sealMessage(COORDINATOR, genesis, { federation: NO_FEDERATION, body });
    this.push({ type: 'federation-created', payload: { genesis: this.#genesisFrame } });
    this.#federation = this.state.federation;
    this.push({ type: 'roster-changed', payload: { proofs: [], roster: this.rosterFrame() } });
  }

  get state(): FederationState {
    if (this.#state === undefined) throw new Error('nothing was folded yet');
    return this.#state;
  }

  get round(): RoundState {
    if (this.state.round === undefined) throw new Error('no round was opened yet');
    return this.state.round;
  }

  /** Encodes, decodes and folds one event, as a coordinator and its replay do. */
  push(event: FederationEvent): this {
    const seq = this.events.length + 1;
    const decoded = decodeEvent({ ...encodeEvent(event, this.nowMs), seq });
    this.#state = foldEvent(this.#state, decoded);
    this.events.push(event);
    return this;
  }

  rosterFrame(changes: Partial<Roster> = {}): Uint8Array {
    const body = encodeBody(roster, { ...firstRoster(), ...changes });
    const signature = signStatement(COORDINATOR, roster, this.#federation, body);
    return encodeSignedRoster(body, new Map([[COORDINATOR.member, signature]]));
  }

  /** The next roster, as if the coordinator alone had to sign it. */
  changeRoster(change: RosterChange): this {
    const { roster: current, rosterDigest: digest } = this.state;
    const terms = { nowMs: this.nowMs, lifeMs: 1_000_000_000 };
    const body = nextRoster({ roster: current, digest }, current, change, terms);
    const payload = { proofs: [], roster: this.rosterFrame(body) };
    return this.push({ type: 'roster-changed', payload });
  }

  register(sites: readonly Identity[] = MEMBERS, ready = true): this {
    const body: Registration = {
      addresses: [],
      examplesRounded: 10,
      model: payloadOf('base 0').root,
      ready,
      version: 0,
    };
    for (const { member } of sites) {
      this.push({ type: 'site-registered', payload: { member, registration: body } });
    }
    return this;
  }

  planFrame(changes: Partial<RoundPlan> = {}): Uint8Array {
    const { roster: current, rosterDigest, round, versions } = this.state;
    const names = activePeers(current).map(({ member }) => member);
    const body: RoundPlan = {
      base: versions.at(-1)?.model.root ?? payloadOf('base 0').root,
      baseVersion: versions.at(-1)?.version ?? 0,
      clippingNormMicros: terms.task.clippingNormMicros,
      cohort: names,
      elements: ELEMENTS,
      roster: rosterDigest,
      round: (round?.plan.round ?? 0) + 1,
      seed: 1,
      training: terms.task.training,
      trainWithinMs: 60_000,
      updatesMin: 2,
      voters: names,
      ...changes,
    };
    return sealMessage(COORDINATOR, roundPlan, { federation: this.#federation, body });
  }

  open(changes: Partial<RoundPlan> = {}): this {
    return this.push({ type: 'round-opened', payload: { plan: this.planFrame(changes) } });
  }

  updateBody(changes: Partial<ModelUpdate> = {}): ModelUpdate {
    const { plan, planDigest } = this.round;
    return {
      base: plan.base,
      clipped: false,
      commitment: payloadOf('commitment').root,
      elements: plan.elements,
      examples: 5,
      lossFirstMicros: 2,
      lossLastMicros: 1,
      payload: payloadOf(`update ${plan.round}`),
      plan: planDigest,
      round: plan.round,
      ...changes,
    };
  }

  update(site: Identity, changes: Partial<ModelUpdate> = {}): this {
    const content = { federation: this.#federation, body: this.updateBody(changes) };
    const frame = sealMessage(site, modelUpdate, content);
    const { member } = site;
    return this.push({ type: 'update-received', payload: { member, update: frame } });
  }

  refuse(site: Identity, round = this.round.plan.round): this {
    const payload = { detail: 'too long', member: site.member, reason: 'norm-exceeded', round };
    return this.push({ type: 'update-refused', payload });
  }

  sum(changes: Partial<Aggregate> = {}): this {
    const { plan, planDigest } = this.round;
    const body: Aggregate = {
      base: plan.base,
      missing: [],
      model: payloadOf(`model ${plan.baseVersion + 1}`),
      plan: planDigest,
      round: plan.round,
      statistics: null,
      updates: payloadOf(`bundle ${plan.round}`),
      version: plan.baseVersion + 1,
      ...changes,
    };
    const frame = sealMessage(COORDINATOR, aggregate, { federation: this.#federation, body });
    return this.push({ type: 'aggregate-published', payload: { aggregate: frame } });
  }

  vote(site: Identity, payer: Identity = site): this {
    const summed = this.round.aggregate?.body;
    if (summed === undefined) throw new Error('nothing was summed yet');
    const content = { federation: this.#federation, body: voteFor(summed) };
    const frame = sealMessage(site, modelVote, content);
    return this.push({ type: 'vote-received', payload: { member: payer.member, vote: frame } });
  }

  finalise(changes: { readonly round?: number; readonly version?: number } = {}): this {
    const { plan, votes } = this.round;
    const [first] = votes.values();
    const signatures = [...votes.values()].map(({ sender, signature }) => ({
      member: sender,
      signature,
    }));
    const body = first?.bodyBytes ?? new Uint8Array();
    const payload = {
      certificate: { body, signatures },
      round: plan.round,
      version: plan.baseVersion + 1,
      ...changes,
    };
    return this.push({ type: 'version-finalised', payload });
  }

  fail(round = this.round.plan.round): this {
    return this.push({ type: 'round-failed', payload: { missing: [], reason: 'too few', round } });
  }
}
