// Admission: invitations out, signed requests in, a new roster for each admitted site.

import { openMessage, openSelfSigned, sealMessage } from '@starling/crypto';
import type {
  Invitation,
  JoinRequest,
  JoinResponse,
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
  roster,
  siteNameSchema,
} from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

/** Reasons quote what the applicant sent, which may be long. */
const REASON_CHARS_MAX = 400;

export class Membership {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #sequence: Sequence;

  constructor(world: CoordinatorDependencies, log: FederationLog, sequence: Sequence) {
    this.#world = world;
    this.#log = log;
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
    const { clock, identity } = this.#world;
    const { federation } = this.#log.state;
    const nowMs = clock.nowMs();
    const request = openSelfSigned(bytes, joinRequest, {
      federation,
      nowMs,
      keyOfBody: (body) => body.publicKey,
    });
    if (!request.ok) return refuse(request.refusal.detail);
    if (request.value.body.transportId !== from) {
      return refuse('the request names another peer id than the channel it came through');
    }
    const invited = openMessage(request.value.body.invitation, invitation, {
      federation,
      nowMs,
      keyOf: (sender) => (sender === identity.member ? identity.publicKey : undefined),
    });
    if (!invited.ok) return refuse(`invitation: ${invited.refusal.detail}`);
    return this.#admit(request.value, invited.value.body);
  }

  async #admit(request: Verified<JoinRequest>, invited: Invitation): Promise<JoinResponse> {
    let response: JoinResponse = refuse('not decided');
    await this.#log.transact((state) => {
      const known = state.roster.members.find(({ member }) => member === request.sender);
      const isSame = known?.transportId === request.body.transportId;
      if (isSame && known?.status === 'active' && known.site === invited.site) {
        response = { outcome: 'admitted', roster: this.#currentRoster() };
        return [];
      }
      const objection = objectionTo(request, invited, state.roster, state.usedNonces);
      if (objection !== undefined) {
        response = refuse(objection);
        return [];
      }
      const frame = this.#extend(state.roster, {
        member: request.sender,
        publicKey: request.body.publicKey,
        role: 'peer',
        site: invited.site,
        status: 'active',
        transportId: request.body.transportId,
      });
      response = { outcome: 'admitted', roster: frame };
      return [
        { type: 'roster-changed', payload: { roster: frame } },
        {
          type: 'invitation-used',
          payload: { member: request.sender, nonce: invited.nonce },
        },
      ];
    });
    return response;
  }

  #currentRoster(): Uint8Array {
    const { rosterDigest, rosterFrames } = this.#log.state;
    return rosterFrames.get(rosterDigest) ?? new Uint8Array();
  }

  #extend(current: Roster, member: RosterMember): Uint8Array {
    return sealMessage(this.#world.identity, roster, {
      federation: this.#log.state.federation,
      body: {
        members: [...current.members, member],
        previous: this.#log.state.rosterDigest,
        seq: current.seq + 1,
      },
    });
  }
}

function objectionTo(
  request: Verified<JoinRequest>,
  invited: Invitation,
  current: Roster,
  usedNonces: ReadonlySet<string>,
): string | undefined {
  if (usedNonces.has(invited.nonce)) return 'this invitation was used already; ask for a new one';
  const peers = current.members.filter(({ role }) => role === 'peer');
  if (peers.length >= ROSTER_MEMBERS_MAX) return `the federation is full (${ROSTER_MEMBERS_MAX})`;
  for (const member of current.members) {
    if (member.site === invited.site) return `a site named "${invited.site}" is a member already`;
    if (member.member === request.sender) return 'this key is a member under another site name';
    if (member.transportId === request.body.transportId) return 'this peer id is a member already';
  }
  return undefined;
}

function refuse(reason: string): JoinResponse {
  return { outcome: 'refused', reason: reason.slice(0, REASON_CHARS_MAX) };
}
