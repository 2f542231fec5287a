// The next roster: put together from what members and operators ask for, signed by as many
// administrators as the genesis wants, in force when it is.

import {
  digestOf,
  encodeBody,
  openBinding,
  sealBinding,
  signStatement,
  verifyStatement,
} from '@starling/crypto';
import {
  canFinish,
  encodeSignedRoster,
  type FederationEvent,
  type FederationState,
  isOpen,
  nextRoster,
  PROOFS_MAX,
  type RosterChange,
  rosterObjection,
  successorObjection,
} from '@starling/rules';
import type { Digest, MemberId, Roster } from '@starling/shared';
import { BINDING_LIFE_MS, REVOKED_MAX, roster } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

/** What came of a change: the roster is in force, or waits. */
export type RosterOutcome =
  | { readonly kind: 'in-force'; readonly seq: number }
  | {
      readonly kind: 'pending';
      readonly seq: number;
      readonly signed: number;
      readonly threshold: number;
      readonly why: string;
    };

/** What backs a change: records of new keys, and the invitation that is used up. */
export interface ChangeRecords {
  readonly proofs: readonly Uint8Array[];
  readonly invitation?: { readonly member: MemberId; readonly nonce: Digest };
}

interface Draft {
  readonly body: Roster;
  readonly bodyBytes: Uint8Array;
  readonly proofs: readonly Uint8Array[];
  readonly invitations: readonly { readonly member: MemberId; readonly nonce: Digest }[];
  readonly signatures: ReadonlyMap<MemberId, Uint8Array>;
}

const NO_RECORDS: ChangeRecords = Object.freeze({ proofs: [] });

export class RosterKeeper {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #lifeMs: number;

  constructor(world: CoordinatorDependencies, log: FederationLog, lifeMs: number) {
    this.#world = world;
    this.#log = log;
    this.#lifeMs = lifeMs;
  }

  /**
   * The events by which a change comes into force, or is put before the administrators. A proposal
   * that is still open is extended by the change, and has to be signed anew. What need not wait for
   * a rotation leaves it out: the site asks again.
   * @throws {CoordinatorError} `roster-full`
   */
  propose(
    state: FederationState,
    change: RosterChange,
    { invitation, proofs }: ChangeRecords = NO_RECORDS,
  ): FederationEvent[] {
    const { identity } = this.#world;
    const isAlone = change.kind === 'revoke' || state.genesis.threshold === 1;
    const waits = state.proposal !== undefined && rotatesKeys(state, state.proposal.body);
    const open = waits && isAlone && change.kind !== 'rebind' ? undefined : state.proposal;
    const current = { roster: state.roster, digest: state.rosterDigest };
    const terms = { nowMs: this.#world.clock.nowMs(), lifeMs: this.#lifeMs };
    const body = nextRoster(current, open?.body ?? state.roster, change, terms);
    const all = [...(open?.proofs ?? []), ...proofs];
    if (all.length > PROOFS_MAX || body.revoked.length > REVOKED_MAX) {
      const message = 'too many changes for one roster: have the present proposal signed first';
      throw new CoordinatorError('roster-full', message);
    }
    const odd =
      rosterObjection(body, state.genesis) ??
      (state.roster.seq === 0 ? undefined : successorObjection(current, body));
    if (odd !== undefined) throw new TypeError(`no next roster: ${odd.detail}`);
    const listed = new Set(body.members.map(({ member }) => member));
    const used = [...(open?.invitations ?? []), ...(invitation === undefined ? [] : [invitation])];
    const bodyBytes = encodeBody(roster, body);
    const signature = signStatement(identity, roster, state.federation, bodyBytes);
    const draft: Draft = {
      body,
      bodyBytes,
      proofs: all,
      invitations: used.filter(({ member }) => listed.has(member)),
      signatures: new Map([[identity.member, signature]]),
    };
    return this.#isReady(state, draft) ? inForce(draft) : proposed(draft, identity.member);
  }

  /**
   * Takes a member out, effective at once; a member that only a proposal knows is dropped from it.
   * @throws {CoordinatorError} `unknown-member`, `not-permitted`, `roster-full`
   */
  async revoke(who: string, reason: string): Promise<RosterOutcome> {
    const named = (entry: Roster['members'][number]): boolean =>
      entry.site === who || (who.length >= 8 && entry.member.startsWith(who));
    await this.#log.transact((state) => {
      const present = state.roster.members.filter(named);
      const drafted = state.proposal?.body.members.filter(named) ?? [];
      const found = present.length > 0 ? present : drafted;
      const [member] = found;
      if (member === undefined || found.length > 1) {
        const many = member === undefined ? 'no member' : `${found.length} members`;
        const message = `${many} of the name or id "${who}": see "starling roster list"`;
        throw new CoordinatorError('unknown-member', message);
      }
      if (member.role === 'coordinator') {
        throw new CoordinatorError('not-permitted', 'the coordinator cannot be revoked');
      }
      return this.propose(state, { kind: 'revoke', member: member.member, reason });
    });
    return this.outcome();
  }

  /**
   * Counts an administrator's signature of the open proposal.
   * @throws {CoordinatorError} `no-proposal`, `not-permitted`, `bad-signature`
   */
  async sign(proposal: Digest, member: MemberId, signature: Uint8Array): Promise<RosterOutcome> {
    await this.#log.transact((state) => {
      const open = state.proposal;
      if (open?.bodyDigest !== proposal) {
        if (state.rosterDigest === proposal) return [];
        const message = 'this is not the open proposal: fetch it anew with "starling roster show"';
        throw new CoordinatorError('no-proposal', message);
      }
      this.#assertSigned(state, open.bodyBytes, member, signature);
      if (open.signatures.has(member)) return [];
      const signed: FederationEvent = {
        type: 'roster-signed',
        payload: { member, proposal, signature },
      };
      const draft = { ...open, signatures: new Map(open.signatures).set(member, signature) };
      return this.#isReady(state, draft) ? [signed, ...inForce(draft)] : [signed];
    });
    return this.outcome();
  }

  /** Puts what is complete in force, and renews what ends soon. True when something changed. */
  maintain(): Promise<boolean> {
    if (this.#due(this.#log.state) === undefined) return Promise.resolve(false);
    return this.#log.transact((state) => this.#due(state)?.() ?? []);
  }

  /** What became of the last change. */
  outcome(): RosterOutcome {
    const { genesis, proposal, roster: current } = this.#log.state;
    if (proposal === undefined) return { kind: 'in-force', seq: current.seq };
    const { signatures } = proposal;
    const missing = genesis.threshold - signatures.size;
    const why =
      missing > 0 ? `${missing} more administrators must sign` : 'the open round ends first';
    const { seq } = proposal.body;
    const { threshold } = genesis;
    return { kind: 'pending', seq, signed: signatures.size, threshold, why };
  }

  #due(state: FederationState): (() => FederationEvent[]) | undefined {
    const nowMs = this.#world.clock.nowMs();
    const { proposal, roster: current } = state;
    if (proposal !== undefined && this.#isReady(state, proposal)) return () => inForce(proposal);
    const newest = proposal?.body ?? current;
    if (newest.seq === 0) return undefined;
    const own = newest.members.find(({ member }) => member === this.#world.identity.member);
    if (own !== undefined && own.bindingUntilMs - nowMs < BINDING_LIFE_MS / 2 && current.seq > 0) {
      return () => this.#bindAnew(state);
    }
    const lapses = newest.members.some(({ bindingUntilMs, role, status }) => {
      return role === 'peer' && status === 'active' && bindingUntilMs <= nowMs;
    });
    const isDue = lapses || newest.notAfterMs - nowMs < this.#lifeMs / 2;
    return isDue ? () => this.propose(state, { kind: 'renew' }) : undefined;
  }

  /** The coordinator's own binding, before it ends. */
  #bindAnew(state: FederationState): FederationEvent[] {
    const { channelKey, clock, identity } = this.#world;
    const entry = state.roster.members.find(({ member }) => member === identity.member);
    if (entry === undefined) return [];
    const { federation } = state;
    const record = sealBinding(identity, channelKey, {
      federation,
      site: entry.site,
      seq: entry.bindingSeq + 1,
      previous: entry.binding,
      notBeforeMs: clock.nowMs(),
      notAfterMs: clock.nowMs() + BINDING_LIFE_MS,
    });
    const bound = openBinding(record, { federation });
    if (!bound.ok) throw new TypeError(bound.refusal.detail);
    const change = { kind: 'rebind', member: identity.member, bound: bound.value } as const;
    return this.propose(state, change, { proofs: [record] });
  }

  #isReady(state: FederationState, { body, signatures }: Draft): boolean {
    if (signatures.size < state.genesis.threshold) return false;
    if (body.notAfterMs <= this.#world.clock.nowMs()) return false;
    const { round } = state;
    if (round === undefined || !isOpen(round)) return true;
    // A sum that is voted on is never dropped, so nobody is taken out whose vote it cannot do without.
    const isStalled = !canFinish(round, body) && canFinish(round, state.roster);
    return !(round.phase === 'voting' && isStalled) && !rotatesKeys(state, body);
  }

  #assertSigned(
    { federation, genesis }: FederationState,
    bodyBytes: Uint8Array,
    sender: MemberId,
    signature: Uint8Array,
  ): void {
    const administrator = genesis.administrators.find(({ member }) => member === sender);
    if (administrator === undefined) {
      const message = `${sender.slice(0, 16)} is no administrator of this federation`;
      throw new CoordinatorError('not-permitted', message);
    }
    const { publicKey } = administrator;
    const parts = { federation, sender, publicKey, bodyBytes, signature };
    if (verifyStatement(roster, parts)) return;
    throw new CoordinatorError('bad-signature', `the signature of ${sender.slice(0, 16)} is wrong`);
  }
}

/** A key that signs for an open round stays until the round is closed. */
function rotatesKeys({ roster: current }: FederationState, next: Roster): boolean {
  const before = new Set(current.members.map(({ member }) => member));
  return next.members.some(({ formerly }) => formerly !== null && before.has(formerly));
}

function inForce({ bodyBytes, invitations, proofs, signatures }: Draft): FederationEvent[] {
  const signed = encodeSignedRoster(bodyBytes, signatures);
  return [
    { type: 'roster-changed', payload: { proofs: [...proofs], roster: signed } },
    ...invitations.map((payload) => ({ type: 'invitation-used', payload }) as const),
  ];
}

function proposed(draft: Draft, member: MemberId): FederationEvent[] {
  const { bodyBytes, invitations, proofs, signatures } = draft;
  const payload = { body: bodyBytes, invitations: [...invitations], proofs: [...proofs] };
  const signature = signatures.get(member);
  if (signature === undefined) return [{ type: 'roster-proposed', payload }];
  const proposal = digestOf(bodyBytes);
  return [
    { type: 'roster-proposed', payload },
    { type: 'roster-signed', payload: { member, proposal, signature } },
  ];
}
