// The log of a masked round written by hand: frames of real keys that say what the protocol asks for,
// without its cryptography. Steps of the rules are carried out as a coordinator does.

import {
  createIdentity,
  createXWingKey,
  draftAnnounce,
  type Identity,
  roundBeacon,
  sealMessage,
  stepCoordinator,
  survivorsOf,
  X_WING_PUBLIC_KEY_BYTES,
} from '@starling/crypto';
import {
  complaint,
  keyAdvertisement,
  type MaskedAggregation,
  type MemberId,
  type MessageDefinition,
  type MissingMember,
  type MissingReason,
  maskedInput,
  type SessionPhaseName,
  sessionAnnounce,
  sessionPhase,
  shareBundle,
  survivors,
  unmaskShares,
} from '@starling/shared';
import { COORDINATOR, History, MEMBERS, payloadOf } from './history-fixture.ts';
import type { Step } from './next-step.ts';
import { currentSessions } from './round-state.ts';
import type { SessionRecord } from './session-record.ts';

export type Saying = 'keys' | 'shares' | 'masked' | 'survivors' | 'unmask';

export const PHASE_WITHIN_MS = 30_000;
export const TRAIN_WITHIN_MS = 60_000;

const OTHERS = [5, 6, 7].map((n) => createIdentity(new Uint8Array(32).fill(n)));

/** Seven identities in ascending order of their ids; the first roster lists four of them. */
export const SEVEN: readonly Identity[] = [...MEMBERS, ...OTHERS].sort((a, b) =>
  a.member < b.member ? -1 : 1,
);

export const MASKED_POLICY: MaskedAggregation = Object.freeze<MaskedAggregation>({
  clipMicros: 1_000_000,
  corruptMicros: 333_333,
  dropMicros: 100_000,
  groupSize: null,
  mode: 'masked',
  noise: null,
  ring: 32,
});

const coordinatorKey = createXWingKey(new Uint8Array(32)).publicKey;

/** A federation in which one masked round after the other is opened. */
export class MaskedHistory {
  readonly log: History;
  readonly policy: MaskedAggregation;

  constructor(policy: Partial<MaskedAggregation> = {}) {
    this.policy = { ...MASKED_POLICY, ...policy };
    this.log = new History({}, this.policy);
    this.log.push({ type: 'run-planned', payload: { peersMin: 1, rounds: 1_000, stopping: null } });
  }

  /** The session of a group that was opened last. */
  session(group = 0): SessionRecord {
    const record = currentSessions(this.log.round)[group];
    if (record === undefined) throw new Error('no session was opened yet');
    return record;
  }

  open(cohort: readonly Identity[] = MEMBERS): this {
    const names = cohort.map(({ member }) => member);
    this.log.open({ cohort: names, trainWithinMs: TRAIN_WITHIN_MS, voters: names });
    return this;
  }

  openSession(
    participants: readonly MemberId[],
    attempt = 1,
    group = { count: 1, index: 0 },
  ): this {
    const { plan, planDigest } = this.log.round;
    const body = draftAnnounce({
      attempt,
      beacon: roundBeacon(plan.roster, plan.base),
      coordinatorKey,
      group,
      participants,
      phaseWithinMs: PHASE_WITHIN_MS,
      plan,
      planDigest,
      policy: this.policy,
      rotationSeed: planDigest,
      weightMax: 10,
    });
    const { federation } = this.log.state;
    const announce = sealMessage(COORDINATOR, sessionAnnounce, { federation, body });
    this.log.push({ type: 'session-opened', payload: { announce } });
    return this;
  }

  /** These members say what the newest session of the group asks for. */
  say(kind: Saying, sites: readonly Identity[], group = 0, variant = ''): this {
    for (const site of sites) {
      const frame = this.#frame(site, kind, group, variant);
      const leaves = kind === 'shares' ? payloadOf(`leaves of ${site.member}`) : null;
      const { session } = this.session(group).state;
      const payload = { frame, leaves, member: site.member, session: session.id };
      this.log.push({ type: 'session-said', payload });
    }
    return this;
  }

  complain(by: Identity, against: Identity, group = 0): this {
    const session = this.session(group).state.session.id;
    const body = { accused: against.member, reason: 'packet-unopened', session } as const;
    const frame = this.#seal(by, complaint, body);
    const payload = { frame, leaves: null, member: by.member, session };
    this.log.push({ type: 'session-said', payload });
    return this;
  }

  equivocate(site: Identity, kind: Saying, group = 0): this {
    const frame = this.#frame(site, kind, group, 'otherwise');
    const session = this.session(group).state.session.id;
    this.log.push({
      type: 'session-equivocated',
      payload: { frame, member: site.member, session },
    });
    return this;
  }

  /** Announces the next phase, or records the failure, that closing the present one brings. */
  close(missing: readonly (readonly [Identity, MissingReason])[] = [], group = 0): this {
    const named = missing.map(([{ member }, reason]) => ({ member, reason }));
    return this.#close(named, group);
  }

  /** Everyone says everything up to this, exclusively; phases close without anyone missing. */
  upTo(kind: Saying, sites: readonly Identity[] = MEMBERS, group = 0): this {
    for (const each of ORDER.slice(0, ORDER.indexOf(kind)))
      this.say(each, sites, group).close([], group);
    return this;
  }

  /** Does what a coordinator does; false when nothing is to be done. */
  carryOut(step: Step): boolean {
    const { round } = this.log;
    switch (step.kind) {
      case 'open-session':
        this.openSession(step.participants, step.attempt, step.group);
        return true;
      case 'close-phase': {
        const index = currentSessions(round).findIndex(
          ({ state }) => state.session.id === step.session,
        );
        this.#close(step.missing, index);
        return true;
      }
      case 'fail-session':
        this.#fail(step.session, 'too-few', step.why, step.missing);
        return true;
      case 'aggregate':
        this.log.sum({ missing: [...step.missing] });
        return true;
      case 'fail-round': {
        const payload = { missing: [...step.missing], reason: step.why, round: round.plan.round };
        this.log.push({ type: 'round-failed', payload });
        return true;
      }
      default:
        return false;
    }
  }

  #close(missing: readonly MissingMember[], group: number): this {
    const { state } = this.session(group);
    const session = state.session.id;
    const [effect] = stepCoordinator(state, { kind: 'close' }).effects;
    if (effect?.kind === 'announce') {
      const phase = this.#seal(COORDINATOR, sessionPhase, effect.body);
      const without = missing.filter(({ member }) => !effect.body.members.includes(member));
      this.log.push({ type: 'session-announced', payload: { missing: without, phase, session } });
    } else if (effect?.kind === 'fail') {
      this.#fail(session, effect.reason, effect.detail, missing, effect.blamed);
    }
    return this;
  }

  #fail(
    session: SessionRecord['state']['session']['id'],
    reason: 'too-few' | 'complaint' | 'faulty-shares' | 'unusable-sum',
    detail: string,
    missing: readonly MissingMember[],
    blamed: readonly MemberId[] = [],
  ): void {
    const payload = { blamed: [...blamed], detail, missing: [...missing], reason, session };
    this.log.push({ type: 'session-failed', payload });
  }

  #frame(site: Identity, kind: Saying, group: number, variant: string): Uint8Array {
    const { state } = this.session(group);
    const session = state.session.id;
    const rootOf = (phase: SessionPhaseName) =>
      state.announced.get(phase)?.root ?? payloadOf('no root').root;
    const named = (what: string) => payloadOf(`${what} of ${site.member} ${variant}`);
    switch (kind) {
      case 'keys': {
        const keyOf = (use: string): Uint8Array => {
          const key = new Uint8Array(X_WING_PUBLIC_KEY_BYTES);
          key.set(new TextEncoder().encode(named(use).root));
          return key;
        };
        const commitments = {
          seedCommitment: named('seed').root,
          selfCommitment: named('self').root,
        };
        const keys = { channelKey: keyOf('channel key'), maskKey: keyOf('mask key') };
        return this.#seal(site, keyAdvertisement, { ...keys, ...commitments, session });
      }
      case 'shares': {
        const asked = state.announced.get('sharing')?.members ?? [];
        const leaves = Math.max(1, asked.filter((each) => each !== site.member).length);
        const body = { advertised: rootOf('sharing'), leaves, root: named('shares').root, session };
        return this.#seal(site, shareBundle, body);
      }
      case 'masked': {
        const { root: commitment } = named('commitment');
        const payload = named('vector');
        const body = { commitment, payload, session, sharers: rootOf('masking') };
        return this.#seal(site, maskedInput, body);
      }
      case 'survivors': {
        const body = survivorsOf(state);
        if (body === undefined) throw new Error('no survivors were announced yet');
        return this.#seal(site, survivors, body);
      }
      case 'unmask': {
        const box = new TextEncoder().encode(`shares ${variant}`);
        return this.#seal(site, unmaskShares, { box, ciphertext: new Uint8Array(8), session });
      }
    }
  }

  #seal<T>(site: Identity, definition: MessageDefinition<T>, body: T): Uint8Array {
    const { federation } = this.log.state;
    return sealMessage<unknown>(site, definition as MessageDefinition<unknown>, {
      federation,
      body,
    });
  }
}

const ORDER: readonly Saying[] = ['keys', 'shares', 'masked', 'survivors', 'unmask'];
