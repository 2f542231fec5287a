// Admission: invitations out, signed requests in, and new keys of members that have some.

import {
  type OpenedRecord,
  openBinding,
  openMessage,
  openRotation,
  openSelfSigned,
  sealMessage,
} from '@starling/crypto';
import type { FederationEvent, FederationState } from '@starling/rules';
import type {
  Binding,
  Checked,
  Invitation,
  JoinRequest,
  JoinResponse,
  MemberId,
  Roster,
  RosterMember,
  Sequence,
  TransportId,
  Verified,
} from '@starling/shared';
import {
  invitation,
  joinRequest,
  joinResponse,
  ROSTER_MEMBERS_MAX,
  siteNameSchema,
} from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import type { RosterKeeper } from './roster-keeper.ts';

/** Reasons quote what the applicant sent, which may be long. */
const REASON_CHARS_MAX = 400;

type Bound = OpenedRecord<Binding>;
type Decided = JoinResponse | { readonly events: readonly FederationEvent[] };

export class Membership {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #keeper: RosterKeeper;
  readonly #sequence: Sequence;

  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    keeper: RosterKeeper,
    sequence: Sequence,
  ) {
    this.#world = world;
    this.#log = log;
    this.#keeper = keeper;
    this.#sequence = sequence;
  }

  /**
   * A signed, single-use invitation for one site.
   * @throws {CoordinatorError} `invalid-site` for a malformed or taken name.
   */
  invite(site: string): Uint8Array {
    const { bus, identity, nonce } = this.#world;
    const { federation, genesisFrame, roster: current } = this.#log.state;
    if (!siteNameSchema.safeParse(site).success) {
      throw new CoordinatorError(
        'invalid-site',
        `"${site}" is no site name: letters, digits, dot, dash and underscore, at most 63`,
      );
    }
    if (current.members.some((member) => member.site === site)) {
      throw new CoordinatorError('invalid-site', `a site named "${site}" is a member already`);
    }
    return sealMessage(identity, invitation, {
      federation,
      body: {
        addresses: [...bus.addresses()].slice(0, 8),
        coordinator: bus.self,
        genesis: genesisFrame,
        nonce: nonce(),
        rosterSeq: current.seq,
        site,
      },
      ...this.#sequence.stamp(),
    });
  }

  /** Answers one join request from the peer behind this channel. */
  async answer(bytes: Uint8Array, from: TransportId): Promise<Uint8Array> {
    const response = await this.#decide(bytes, from);
    const { identity, logger, meter } = this.#world;
    meter.count('starling_coordinator_joins_total', 1, { outcome: response.outcome });
    if (response.outcome === 'refused') {
      logger.warn('join refused', { from, reason: response.reason });
    }
    return sealMessage(identity, joinResponse, {
      federation: this.#log.state.federation,
      body: response,
      ...this.#sequence.stamp(),
    });
  }

  async #decide(bytes: Uint8Array, from: TransportId): Promise<JoinResponse> {
    const { federation, roster } = this.#log.state;
    if (roster.seq === 0) return refuse('the first roster is not signed yet; try again later');
    const nowMs = this.#world.clock.nowMs();
    const records: Checked<Bound>[] = [];
    const request = openSelfSigned(bytes, joinRequest, {
      federation,
      nowMs,
      keyOfBody: ({ binding }) => {
        const opened = openBinding(binding, { federation, nowMs });
        records.push(opened);
        return opened.ok ? opened.value.body.publicKey : new Uint8Array();
      },
    });
    const [bound] = records;
    if (bound?.ok === false) return refuse(`binding: ${bound.refusal.detail}`);
    if (!request.ok || bound === undefined) {
      return refuse(request.ok ? 'no binding' : request.refusal.detail);
    }
    const { body } = request.value;
    const { invitation: frame } = body;
    if (frame === null) return this.#settle((state) => this.#rebind(state, body, bound.value));
    if (bound.value.body.transportId !== from) {
      return refuse('the request names another peer id than the channel it came through');
    }
    const invited = this.#openInvitation(frame, nowMs);
    if (!invited.ok) return refuse(`invitation: ${invited.refusal.detail}`);
    return this.#settle((state) => this.#admit(state, body, bound.value, invited.value.body));
  }

  #openInvitation(frame: Uint8Array, nowMs: number): Checked<Verified<Invitation>> {
    const { identity } = this.#world;
    return openMessage(frame, invitation, {
      federation: this.#log.state.federation,
      nowMs,
      keyOf: (sender) => (sender === identity.member ? identity.publicKey : undefined),
    });
  }

  /** Decides on the newest state; the answer follows from what was written. */
  async #settle(decide: (state: FederationState) => Decided): Promise<JoinResponse> {
    let decided: Decided = refuse('not decided');
    await this.#log.transact((state) => {
      decided = decide(state);
      return 'events' in decided ? decided.events : [];
    });
    // Assigned within the transaction, which the compiler does not see.
    const settled = decided as Decided;
    return 'events' in settled ? this.#standing() : settled;
  }

  #admit(
    state: FederationState,
    { binding, rotation }: JoinRequest,
    bound: Bound,
    invited: Invitation,
  ): Decided {
    const isApplicant = ({ member, site, transportId }: RosterMember): boolean =>
      member === bound.sender && transportId === bound.body.transportId && site === invited.site;
    const known = state.roster.members.find(isApplicant);
    if (known?.status === 'active') return this.#admitted();
    if (state.proposal?.body.members.some(isApplicant)) return this.#standing();
    if (rotation !== null) return refuse('an invitation admits a new key, it rotates none');
    const objection =
      objectionToFirst(bound.body, invited) ??
      objectionToInvitation(state, bound.sender, invited) ??
      objectionToKeys(state, bound, invited.site);
    if (objection !== undefined) return refuse(objection);
    const used = { member: bound.sender, nonce: invited.nonce };
    const records = { proofs: [binding], invitation: used };
    return { events: this.#keeper.propose(state, { kind: 'admit', bound }, records) };
  }

  #rebind(state: FederationState, { binding, rotation }: JoinRequest, bound: Bound): Decided {
    const isDone = (entry: RosterMember): boolean => entry.binding === bound.bodyDigest;
    if (state.roster.members.some(isDone)) return this.#admitted();
    if (state.proposal?.body.members.some(isDone)) return this.#standing();
    const member = this.#rotatedFrom(state, rotation, bound);
    if (!member.ok) return refuse(`rotation: ${member.refusal.detail}`);
    const entry = state.roster.members.find((it) => it.member === member.value);
    if (entry?.role !== 'peer') return refuse('these keys are no member here');
    const { previous, seq, site } = bound.body;
    if (site !== entry.site || previous !== entry.binding || seq !== entry.bindingSeq + 1) {
      return refuse(`the binding does not follow number ${entry.bindingSeq} of "${entry.site}"`);
    }
    const objection = objectionToKeys(state, bound, entry.site, entry.member);
    if (objection !== undefined) return refuse(objection);
    const proofs = rotation === null ? [binding] : [binding, rotation];
    const change = { kind: 'rebind', member: entry.member, bound } as const;
    return { events: this.#keeper.propose(state, change, { proofs }) };
  }

  /** Whose place the keys take: their own member's, or that of the key which signed the rotation. */
  #rotatedFrom(
    { federation, roster }: FederationState,
    rotation: Uint8Array | null,
    bound: Bound,
  ): Checked<MemberId> {
    if (rotation === null) return { ok: true, value: bound.sender };
    const opened = openRotation(rotation, {
      federation,
      keyOf: (sender) => roster.members.find(({ member }) => member === sender)?.publicKey,
    });
    if (!opened.ok) return opened;
    const { body, sender } = opened.value;
    if (body.member === bound.sender && body.binding === bound.bodyDigest) {
      return { ok: true, value: sender };
    }
    const detail = 'the rotation is to other keys than those in the binding';
    return { ok: false, refusal: { kind: 'reject', reason: 'wrong-shape', detail } };
  }

  #admitted(): JoinResponse {
    const { rosterDigest, rosterFrames } = this.#log.state;
    return { outcome: 'admitted', roster: rosterFrames.get(rosterDigest) ?? new Uint8Array() };
  }

  #standing(): JoinResponse {
    const outcome = this.#keeper.outcome();
    if (outcome.kind === 'in-force') return this.#admitted();
    const { signed, threshold, why } = outcome;
    return { outcome: 'pending', signed, threshold, why };
  }
}

function objectionToFirst(bound: Binding, invited: Invitation): string | undefined {
  if (bound.site !== invited.site) {
    return `the invitation is for "${invited.site}", the keys are bound for "${bound.site}"`;
  }
  if (bound.seq !== 1 || bound.previous !== null) return 'a new member starts with its binding 1';
  return undefined;
}

function objectionToInvitation(
  state: FederationState,
  applicant: MemberId,
  invited: Invitation,
): string | undefined {
  const reserved = state.proposal?.invitations.find(({ nonce }) => nonce === invited.nonce);
  const isTaken = reserved !== undefined && reserved.member !== applicant;
  if (isTaken || state.usedNonces.has(invited.nonce)) {
    return 'this invitation was used already; ask for a new one';
  }
  const isRevoked = state.roster.revoked.some(({ fromSeq, site }) => {
    return site === invited.site && fromSeq > invited.rosterSeq;
  });
  if (!isRevoked) return undefined;
  return `"${invited.site}" was revoked after this invitation was signed; ask for a new one`;
}

/** Keys that bind themselves to a place must be nobody else's, now or ever. */
function objectionToKeys(
  { proposal, roster, successors }: FederationState,
  { body, sender }: Bound,
  site: string,
  replaced?: MemberId,
): string | undefined {
  const lists: readonly Roster[] = proposal === undefined ? [roster] : [roster, proposal.body];
  const peers = (proposal?.body ?? roster).members.filter(({ role }) => role === 'peer');
  if (replaced === undefined && peers.length >= ROSTER_MEMBERS_MAX) {
    return `the federation is full (${ROSTER_MEMBERS_MAX})`;
  }
  for (const { members, revoked } of lists) {
    for (const gone of revoked) {
      if (gone.member === sender) return `this key was revoked: ${gone.reason}`;
      if (gone.transportId === body.transportId) return `this peer id was revoked: ${gone.reason}`;
    }
    for (const entry of members) {
      if (replaced !== undefined && [entry.member, entry.formerly].includes(replaced)) continue;
      if (entry.site === site) return `a site named "${site}" is a member already`;
      if (entry.member === sender) return 'this key is a member under another site name';
      if (entry.transportId === body.transportId) return 'this peer id is a member already';
    }
  }
  return successors.has(sender) ? 'this key was rotated: another one took its place' : undefined;
}

function refuse(reason: string): JoinResponse {
  return { outcome: 'refused', reason: reason.slice(0, REASON_CHARS_MAX) };
}
