// Creates a federation: its genesis, its first roster and the first events of its log.

import {
  type ChannelKey,
  digestOf,
  encodeBody,
  type Identity,
  openBinding,
  sealBinding,
  sealMessage,
  signStatement,
} from '@starling/crypto';
import { encodeSignedRoster, entryFor, type FederationEvent } from '@starling/rules';
import type { Clock, EventLog, FederationId, Genesis, KeyHolder } from '@starling/shared';
import { BINDING_LIFE_MS, genesis, NO_FEDERATION, ROSTER_LIFE_MS, roster } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import { FederationLog } from './federation-log.ts';

export interface FoundingDependencies {
  readonly channelKey: ChannelKey;
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly identity: Identity;
}

export interface FoundingTerms extends Pick<Genesis, 'name' | 'rewards' | 'task'> {
  /** Who signs rosters beside the coordinator. */
  readonly administrators?: readonly KeyHolder[];
  /** Signatures that a roster needs, the coordinator's counted; 1 when absent. */
  readonly threshold?: number;
  readonly rosterLifeMs?: number;
}

/**
 * Writes the founding events to an empty log. With a threshold above one the first roster is a
 * proposal, which the other administrators sign before anything else happens.
 * @throws {CoordinatorError} `invalid-administrators`; {EventLogError} `conflict`
 */
export async function foundFederation(
  { channelKey, clock, eventLog, identity }: FoundingDependencies,
  { administrators = [], rosterLifeMs = ROSTER_LIFE_MS, threshold = 1, ...terms }: FoundingTerms,
): Promise<FederationId> {
  const nowMs = clock.nowMs();
  const own = { member: identity.member, publicKey: identity.publicKey };
  const body: Genesis = {
    ...terms,
    administrators: [own, ...administrators].sort((a, b) => (a.member < b.member ? -1 : 1)),
    coordinator: own,
    createdAtMs: nowMs,
    threshold,
  };
  const federation = digestOf(genesisBody(body)) as string as FederationId;
  const genesisFrame = sealMessage(identity, genesis, { federation: NO_FEDERATION, body });
  const record = sealBinding(identity, channelKey, {
    federation,
    site: 'coordinator',
    seq: 1,
    previous: null,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + BINDING_LIFE_MS,
  });
  const bound = openBinding(record, { federation });
  if (!bound.ok) throw new TypeError(bound.refusal.detail);
  const fixed = { formerly: null, role: 'coordinator', sinceMs: nowMs } as const;
  const first = encodeBody(roster, {
    epoch: 1,
    members: [entryFor(bound.value, fixed)],
    notAfterMs: nowMs + rosterLifeMs,
    previous: null,
    revoked: [],
    seq: 1,
  });
  const signature = signStatement(identity, roster, federation, first);
  const { member } = identity;
  const events: FederationEvent[] = [
    { type: 'federation-created', payload: { genesis: genesisFrame } },
  ];
  if (threshold === 1) {
    const signed = encodeSignedRoster(first, new Map([[member, signature]]));
    events.push({ type: 'roster-changed', payload: { proofs: [record], roster: signed } });
  } else {
    const payload = { body: first, invitations: [], proofs: [record] };
    const proposal = digestOf(first);
    events.push({ type: 'roster-proposed', payload });
    events.push({ type: 'roster-signed', payload: { member, proposal, signature } });
  }
  await FederationLog.create(eventLog, clock, events);
  return federation;
}

function genesisBody(body: Genesis): Uint8Array {
  try {
    return encodeBody(genesis, body);
  } catch (cause) {
    const count = body.administrators.length;
    const distinct = new Set(body.administrators.map(({ member }) => member)).size;
    if (body.threshold <= count && distinct === count) throw cause;
    const message =
      distinct < count
        ? 'an administrator is named twice: the coordinator is one without being named'
        : `a roster cannot need ${body.threshold} signatures of ${count} administrators`;
    throw new CoordinatorError('invalid-administrators', message, { cause });
  }
}
