// The secure aggregations that the coordinator announced for the known plan: checked against the
// genesis and this site's own floors, once each.

import {
  groupsOf,
  objectionToSession,
  openSession,
  roundBeacon,
  type Session,
  type SessionPolicy,
  sessionId,
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

/** What the coordinator signed twice, differently, and the session that this ends here. */
export interface Conflict {
  readonly session: Session;
  readonly detail: string;
  readonly evidence: readonly Uint8Array[];
}

interface Announced {
  readonly session: Session;
  readonly frame: Uint8Array;
}

/** Sessions of one plan that are remembered: each group's attempts. */
const SESSIONS_MAX = 512;

export class SessionBook {
  readonly #member: MemberId;
  readonly #policy: SessionPolicy;
  #plan: Digest | undefined;
  /** By group and attempt. */
  readonly #sessions = new Map<string, Announced>();
  readonly #phases = new Map<Digest, AcceptedPhase[]>();
  /** Sessions that the coordinator contradicted itself about: nobody takes part any more. */
  readonly #contradicted = new Set<Digest>();
  #conflicts: Conflict[] = [];

  constructor(member: MemberId, policy: SessionPolicy) {
    this.#member = member;
    this.#policy = policy;
  }

  /** The newest attempt of the known plan in which this site takes part. */
  get mine(): Session | undefined {
    const [newest] = [...this.#sessions.values()]
      .map(({ session }) => session)
      .filter(({ announce }) => announce.participants.includes(this.#member))
      .sort((a, b) => b.announce.attempt - a.announce.attempt);
    return newest === undefined || this.#contradicted.has(newest.id) ? undefined : newest;
  }

  /** The coordinator's announcement of a session, as it was signed. */
  frameOf(session: Digest): Uint8Array[] {
    return [...this.#sessions.values()].flatMap((each) => {
      return each.session.id === session ? [each.frame] : [];
    });
  }

  /** The phases that were announced of a session, once each, in the order they came. */
  phasesOf(session: Digest): readonly AcceptedPhase[] {
    return this.#phases.get(session) ?? [];
  }

  /** Contradictions of the coordinator since this was last asked, one for each session. */
  takeConflicts(): readonly Conflict[] {
    const conflicts = this.#conflicts;
    this.#conflicts = [];
    return conflicts;
  }

  /** Takes an announcement of the known plan; undefined when it may be passed on. */
  takeAnnounce(
    { body, bodyBytes, federation }: Opened<SessionAnnounce>,
    frame: Uint8Array,
    known: KnownPlan | undefined,
    agreed: MaskedAggregation,
  ): Refusal | undefined {
    if (known === undefined || body.plan !== known.planDigest) {
      return refusal('unknown-plan', 'a session of another plan');
    }
    this.#turnTo(known.planDigest);
    const { attempt, group } = body;
    const standing = this.#sessions.get(nameOf(body));
    if (standing !== undefined) {
      if (standing.session.id === sessionId(federation, bodyBytes)) return undefined;
      return this.#contradict(standing.session, `two sessions for the attempt ${attempt}`, [
        standing.frame,
        frame,
      ]);
    }
    const newer = [...this.#sessions.values()].find(({ session: { announce } }) => {
      return announce.group.index === group.index && announce.attempt > attempt;
    });
    if (newer !== undefined) {
      const now = newer.session.announce.attempt;
      return refusal('stale-round', `attempt ${attempt}, now ${now}`);
    }
    const opened = openSession(federation, body, bodyBytes);
    if (!opened.ok) return opened.refusal;
    const session = opened.value;
    const objection = this.#objection(session, known, agreed);
    if (objection !== undefined) return objection;
    if (this.#sessions.size >= SESSIONS_MAX) return refusal('busy', 'too many sessions');
    this.#sessions.set(nameOf(body), { session, frame });
    return undefined;
  }

  /** Keeps a phase for whoever takes part; a second, different one ends the session. */
  takePhase({ body }: Opened<SessionPhase>, frame: Uint8Array): Refusal | undefined {
    const announced = [...this.#sessions.values()].find(
      ({ session }) => session.id === body.session,
    );
    if (announced === undefined) return refusal('unknown-plan', 'a phase of an unknown session');
    const phases = this.phasesOf(body.session);
    const known = phases.find((phase) => phase.body.phase === body.phase);
    if (known === undefined) {
      this.#phases.set(body.session, [...phases, { body, frame }]);
      return undefined;
    }
    const isSame =
      known.body.root === body.root && known.body.members.join() === body.members.join();
    if (isSame) return undefined;
    const detail = `two announcements of the phase ${body.phase}`;
    return this.#contradict(announced.session, detail, [known.frame, frame]);
  }

  #contradict(session: Session, detail: string, evidence: Conflict['evidence']): Refusal {
    if (!this.#contradicted.has(session.id)) {
      this.#contradicted.add(session.id);
      this.#conflicts.push({ session, detail, evidence });
    }
    return refusal('equivocation', detail);
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
    this.#contradicted.clear();
  }
}

function nameOf({ attempt, group }: SessionAnnounce): string {
  return `${group.index}/${attempt}`;
}
