// The secure aggregations that the coordinator announced for the known plan: checked against the
// genesis and this site's own floors, once each.

import {
  groupsOf,
  objectionToSession,
  openSession,
  roundBeacon,
  type Session,
  type SessionPolicy,
} from '@starling/crypto';
import type {
  Digest,
  MaskedAggregation,
  MemberId,
  Opened,
  Refusal,
  SessionAnnounce,
  SessionPhase,
} from '@starling/shared';
import { refusal } from '@starling/shared';
import type { KnownPlan } from './control-intake.ts';

export interface AcceptedPhase {
  readonly body: SessionPhase;
  readonly frame: Uint8Array;
}

/** Sessions of one plan that are remembered: each group's attempts. */
const SESSIONS_MAX = 512;

export class SessionBook {
  readonly #member: MemberId;
  readonly #policy: SessionPolicy;
  #plan: Digest | undefined;
  /** By group and attempt. */
  readonly #sessions = new Map<string, Session>();
  readonly #phases = new Map<Digest, AcceptedPhase[]>();

  constructor(member: MemberId, policy: SessionPolicy) {
    this.#member = member;
    this.#policy = policy;
  }

  /** The newest attempt of the known plan in which this site takes part. */
  get mine(): Session | undefined {
    return [...this.#sessions.values()]
      .filter(({ announce }) => announce.participants.includes(this.#member))
      .sort((a, b) => a.announce.attempt - b.announce.attempt)
      .at(-1);
  }

  /** The phases that were announced of a session, in the order they came; conflicting ones too. */
  phasesOf(session: Digest): readonly AcceptedPhase[] {
    return this.#phases.get(session) ?? [];
  }

  /** Takes an announcement of the known plan; undefined when it may be passed on. */
  takeAnnounce(
    { body, bodyBytes, federation }: Opened<SessionAnnounce>,
    known: KnownPlan | undefined,
    agreed: MaskedAggregation,
  ): Refusal | undefined {
    if (known === undefined || body.plan !== known.planDigest) {
      return refusal('unknown-plan', 'a session of another plan');
    }
    this.#turnTo(known.planDigest);
    const opened = openSession(federation, body, bodyBytes);
    if (!opened.ok) return opened.refusal;
    const session = opened.value;
    const name = `${body.group.index}/${body.attempt}`;
    const standing = this.#sessions.get(name);
    if (standing !== undefined) {
      if (standing.id === session.id) return undefined;
      return refusal('equivocation', `two sessions for the attempt ${body.attempt}`);
    }
    const objection = this.#objection(session, known, agreed);
    if (objection !== undefined) return objection;
    if (this.#sessions.size >= SESSIONS_MAX) return refusal('busy', 'too many sessions');
    this.#sessions.set(name, session);
    return undefined;
  }

  /** Keeps a phase for whoever takes part; a second, different one is kept as evidence. */
  takePhase({ body }: Opened<SessionPhase>, frame: Uint8Array): Refusal | undefined {
    const session = [...this.#sessions.values()].find(({ id }) => id === body.session);
    if (session === undefined) return refusal('unknown-plan', 'a phase of an unknown session');
    const phases = this.#phases.get(body.session) ?? [];
    const known = phases.filter((phase) => phase.body.phase === body.phase);
    const isSame = known.some(
      (phase) => phase.body.root === body.root && phase.body.members.join() === body.members.join(),
    );
    if (isSame) return undefined;
    if (known.length < 2) this.#phases.set(body.session, [...phases, { body, frame }]);
    if (known.length === 0) return undefined;
    return refusal('equivocation', `two announcements of the phase ${body.phase}`);
  }

  #objection(
    session: Session,
    { plan }: KnownPlan,
    agreed: MaskedAggregation,
  ): Refusal | undefined {
    const { group, participants } = session.announce;
    const groups = groupsOf(plan.cohort, agreed.groupSize, roundBeacon(plan.roster, plan.base));
    const dealt = groups[group.index];
    if (group.count !== groups.length || participants.some((each) => !dealt?.includes(each))) {
      return refusal('wrong-shape', 'the groups are not those of the round');
    }
    const [anyone] = participants;
    const member = participants.includes(this.#member) ? this.#member : anyone;
    if (member === undefined) return refusal('wrong-shape', 'nobody takes part');
    return objectionToSession(session, member, agreed, plan, this.#policy);
  }

  #turnTo(plan: Digest): void {
    if (this.#plan === plan) return;
    this.#plan = plan;
    this.#sessions.clear();
    this.#phases.clear();
  }
}
