// Creates a federation: its genesis, its first roster and the first events of its log.

import { digestOf, type Identity, sealMessage } from '@starling/crypto';
import type { Clock, EventLog, FederationId, Genesis, TransportId } from '@starling/shared';
import { encodeCanonical, genesis, NO_FEDERATION, roster } from '@starling/shared';
import { FederationLog } from './federation-log.ts';

export interface FoundingDependencies {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly identity: Identity;
  readonly transportId: TransportId;
}

/** Writes the founding events to an empty log. @throws {EventLogError} `conflict` */
export async function foundFederation(
  { clock, eventLog, identity, transportId }: FoundingDependencies,
  terms: Omit<Genesis, 'administrator' | 'createdAtMs'>,
): Promise<FederationId> {
  const body: Genesis = {
    ...terms,
    administrator: { member: identity.member, publicKey: identity.publicKey },
    createdAtMs: clock.nowMs(),
  };
  const federation = digestOf(encodeCanonical(body)) as string as FederationId;
  const genesisFrame = sealMessage(identity, genesis, { federation: NO_FEDERATION, body });
  const rosterFrame = sealMessage(identity, roster, {
    federation,
    body: {
      members: [
        {
          member: identity.member,
          publicKey: identity.publicKey,
          role: 'coordinator',
          site: 'coordinator',
          status: 'active',
          transportId,
        },
      ],
      previous: null,
      seq: 1,
    },
  });
  await FederationLog.create(eventLog, clock, [
    { type: 'federation-created', payload: { genesis: genesisFrame } },
    { type: 'roster-changed', payload: { roster: rosterFrame } },
  ]);
  return federation;
}
