// What the coordinator gossips, verified and remembered: the newest roster, plan, sum and status.

import {
  type DurableReplayWindow,
  digestOf,
  openMessage,
  type SessionPolicy,
} from '@starling/crypto';
import { activePeers, isVersionSize } from '@starling/rules';
import type {
  Aggregate,
  BodyOf,
  Digest,
  Opened,
  Refusal,
  RoundPlan,
  RoundStatus,
  Verdict,
} from '@starling/shared';
import {
  ACCEPT,
  aggregate,
  type ChainGenesis,
  chainGenesis,
  encodeCanonical,
  equalBytes,
  modelElements,
  refusal,
  rosterNotice,
  roundPlan,
  roundStatus,
  type SessionAnnounce,
  type SessionPhase,
  sessionAnnounce,
  sessionPhase,
} from '@starling/shared';
import type { ChainBeginning } from './chain/chain-beginning.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import { SessionBook } from './session-book.ts';

const CONTROL_MESSAGES = [
  rosterNotice,
  roundPlan,
  aggregate,
  roundStatus,
  sessionAnnounce,
  sessionPhase,
  chainGenesis,
];

/** Accepted frames that are told again without verifying; the oldest is forgotten first. */
const ACCEPTED_FRAMES_MAX = 64;

export interface KnownPlan {
  readonly plan: RoundPlan;
  readonly planDigest: Digest;
}

export class ControlIntake {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #onNews: () => void;
  readonly #replays: DurableReplayWindow;
  readonly #chain: ChainBeginning;
  /** The last accepted frame of each statement; a repetition is forwarded without verifying. */
  readonly #accepted = new Map<string, Uint8Array>();
  /** Secure aggregations of the known plan. */
  readonly sessions: SessionBook;
  #plan: KnownPlan | undefined;
  #aggregate: Aggregate | undefined;
  #status: RoundStatus | undefined;
  #statusSeq = 0;

  constructor(
    world: PeerDependencies,
    membership: SiteMembership,
    parts: {
      readonly chain: ChainBeginning;
      readonly replays: DurableReplayWindow;
      readonly policy: SessionPolicy;
      readonly onNews: () => void;
    },
  ) {
    this.sessions = new SessionBook(world.identity.member, parts.policy);
    this.#world = world;
    this.#membership = membership;
    this.#chain = parts.chain;
    this.#replays = parts.replays;
    this.#onNews = parts.onNews;
  }

  get plan(): KnownPlan | undefined {
    return this.#plan;
  }

  /** The claimed sum of the known plan. */
  get aggregate(): Aggregate | undefined {
    return this.#aggregate;
  }

  get status(): RoundStatus | undefined {
    return this.#status;
  }

  /** Handler of the topic `control`. */
  async onControlMessage(bytes: Uint8Array): Promise<Verdict> {
    for (const frame of this.#accepted.values()) if (equalBytes(frame, bytes)) return ACCEPT;
    const opened = openMessage(bytes, CONTROL_MESSAGES, {
      federation: this.#membership.federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => this.#membership.keyOf(sender, 'coordinator'),
    });
    if (!opened.ok) return this.#counted(opened.refusal);
    const message: Opened<unknown> = opened.value;
    const verdict = blameless(await this.#take(message, bytes));
    if (verdict.kind === 'accept') {
      if (message.type !== roundStatus.type) this.#remember(nameOf(message), bytes);
    }
    // Two different statements end a session here, so they are news too.
    if (verdict.kind === 'accept' || verdict.reason === 'equivocation') this.#onNews();
    return this.#counted(verdict);
  }

  async #take(message: Opened<unknown>, bytes: Uint8Array): Promise<Verdict> {
    switch (message.type) {
      case rosterNotice.type: {
        const { roster } = (message as Opened<BodyOf<typeof rosterNotice>>).body;
        return this.#membership.offer(roster, this.#world.clock.nowMs());
      }
      case roundPlan.type:
        return this.#takePlan(message as Opened<RoundPlan>);
      case aggregate.type:
        return this.#takeAggregate(message as Opened<Aggregate>) ?? ACCEPT;
      case chainGenesis.type:
        return this.#chain.take(message as Opened<ChainGenesis>, bytes);
      case sessionAnnounce.type:
        return this.#takeSession(message as Opened<SessionAnnounce>, bytes) ?? ACCEPT;
      case sessionPhase.type:
        return this.sessions.takePhase(message as Opened<SessionPhase>, bytes) ?? ACCEPT;
      default:
        return this.#takeStatus(message as Opened<RoundStatus>);
    }
  }

  async #takePlan({ body, bodyBytes }: Opened<RoundPlan>): Promise<Verdict> {
    const planDigest = digestOf(bodyBytes);
    const known = this.#plan;
    if (known !== undefined && body.round < known.plan.round) {
      return refusal('stale-round', `plan of round ${body.round}, now ${known.plan.round}`);
    }
    if (known !== undefined && body.round === known.plan.round) {
      if (known.planDigest === planDigest) return ACCEPT;
      return refusal('equivocation', `two plans for round ${body.round}`);
    }
    const nowMs = this.#world.clock.nowMs();
    const objection =
      this.#membership.objectionToPlan(planDigest, body.roster, nowMs) ??
      this.#objectionToPlan(body);
    if (objection !== undefined) return objection;
    this.#plan = { plan: body, planDigest };
    this.#aggregate = undefined;
    await this.#membership.acceptPlan(planDigest);
    return ACCEPT;
  }

  /** A plan may ask for less than the genesis allows, never for more, and counts every voter. */
  #objectionToPlan(plan: RoundPlan): Refusal | undefined {
    const { task } = this.#membership.genesis;
    const named = this.#membership.rosterNamed(plan.roster);
    if (named === undefined) return refusal('unknown-plan', 'the plan names an unknown roster');
    const voters = activePeers(named).map(({ member }) => member);
    if (plan.voters.join() !== voters.join()) {
      return refusal('wrong-shape', 'the plan does not count every active member as a voter');
    }
    if (plan.cohort.some((member) => !voters.includes(member))) {
      return refusal('wrong-shape', 'the plan asks someone to train who is no member');
    }
    if (plan.restores !== undefined && plan.restores.version > plan.baseVersion) {
      return refusal('wrong-shape', 'the plan restores a version that is none before it');
    }
    if (plan.elements !== modelElements(task)) {
      return refusal('wrong-dimension', `${plan.elements} elements are not the federation's model`);
    }
    if (plan.clippingNormMicros > task.clippingNormMicros) {
      return refusal('not-permitted', 'the plan clips less than the federation agreed');
    }
    const asked = plan.training;
    const agreed = task.training;
    const asksMore =
      asked.localEpochs > agreed.localEpochs ||
      asked.batchSize > agreed.batchSize ||
      asked.learningRateMicros > agreed.learningRateMicros ||
      asked.temperatureMicros !== agreed.temperatureMicros;
    if (asksMore) return refusal('not-permitted', 'the plan trains otherwise than agreed');
    return undefined;
  }

  #takeSession(message: Opened<SessionAnnounce>, frame: Uint8Array): Refusal | undefined {
    const { aggregation } = this.#membership.genesis.task;
    if (aggregation.mode === 'masked') {
      return this.sessions.takeAnnounce(message, frame, this.#plan, aggregation);
    }
    return refusal('not-permitted', 'this federation adds its updates plainly');
  }

  #remember(name: string, frame: Uint8Array): void {
    this.#accepted.delete(name);
    this.#accepted.set(name, frame);
    if (this.#accepted.size <= ACCEPTED_FRAMES_MAX) return;
    const [oldest] = this.#accepted.keys();
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }

  #takeAggregate({ body, bodyBytes }: Opened<Aggregate>): Refusal | undefined {
    const known = this.#plan;
    if (known === undefined || body.round > known.plan.round) {
      return refusal('unknown-plan', `a sum for the unknown round ${body.round}`);
    }
    if (body.round < known.plan.round) return refusal('stale-round', `sum of round ${body.round}`);
    const { plan, planDigest } = known;
    if (body.plan !== planDigest || body.base !== plan.base) {
      return refusal('unknown-plan', 'the sum answers another plan');
    }
    if (
      body.version !== plan.baseVersion + 1 ||
      !isVersionSize(this.#membership.genesis.task, body.model.bytes)
    ) {
      return refusal('wrong-dimension', 'the sum is no next version of this model');
    }
    if (this.#aggregate !== undefined) {
      const isSame = equalBytes(encodeCanonical(this.#aggregate), bodyBytes);
      return isSame ? undefined : refusal('equivocation', `two sums for round ${body.round}`);
    }
    this.#aggregate = body;
    return undefined;
  }

  async #takeStatus({ body, sender, seq }: Opened<RoundStatus>): Promise<Verdict> {
    const seen = await this.#replays.check(sender, seq ?? 0);
    if (seen !== 'fresh') return refusal(seen, 'this status was seen before');
    if ((seq ?? 0) > this.#statusSeq) {
      this.#statusSeq = seq ?? 0;
      this.#status = body;
    }
    return ACCEPT;
  }

  #counted(verdict: Verdict): Verdict {
    const { meter, logger } = this.#world;
    const outcome = verdict.kind === 'accept' ? 'accepted' : verdict.reason;
    meter.count('starling_peer_messages_total', 1, { outcome, topic: 'control' });
    if (verdict.kind !== 'accept') {
      logger.debug('message refused', { reason: verdict.reason, detail: verdict.detail });
    }
    return verdict;
  }
}

/** Statements of which the newest one is told again: sessions and their phases stand side by side. */
function nameOf(message: Opened<unknown>): string {
  const body = message.body as Partial<SessionAnnounce & SessionPhase>;
  return [message.type, body.group?.index, body.attempt, body.session, body.phase].join('/');
}

/** Two statements prove the coordinator's fault, not that of the honest site that passed one on. */
function blameless(verdict: Verdict): Verdict {
  const isPassedOn = verdict.kind === 'reject' && verdict.reason === 'equivocation';
  return isPassedOn ? { ...verdict, kind: 'ignore' } : verdict;
}
