// The invitee's side of admission.

import { openInvitation, openMessage, sealMessage } from '@starling/crypto';
import type { Sequence } from '@starling/shared';
import { BusError, JOIN_PROTOCOL, joinRequest, joinResponse } from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import { SiteMembership } from './membership.ts';
import { PeerError } from './peer-error.ts';

const JOIN_ANSWER_BYTES_MAX = 512 * 1024;

/**
 * Joins with an invitation's bytes and remembers the membership.
 * @throws {PeerError} `invalid-invitation`, `join-refused`
 * @throws {BusError} `unreachable` when no address of the coordinator answers.
 */
export async function joinFederation(
  world: Pick<PeerDependencies, 'bus' | 'clock' | 'identity' | 'store'>,
  sequence: Sequence,
  invitationBytes: Uint8Array,
  signal?: AbortSignal,
): Promise<SiteMembership> {
  const { bus, clock, identity, store } = world;
  const opened = openInvitation(invitationBytes, clock.nowMs());
  if (!opened.ok) throw new PeerError('invalid-invitation', opened.refusal.detail);
  const { federation, genesis, invitation } = opened.value;
  const { addresses, coordinator } = invitation.body;
  await connectAny(world, addresses, signal);
  const request = sealMessage(identity, joinRequest, {
    federation,
    body: {
      invitation: invitationBytes,
      publicKey: identity.publicKey,
      transportId: bus.self,
    },
    ...sequence.stamp(),
  });
  const answer = await bus.request(coordinator, JOIN_PROTOCOL, request, {
    answerBytesMax: JOIN_ANSWER_BYTES_MAX,
    ...(signal === undefined ? {} : { signal }),
  });
  const { member, publicKey } = genesis.body.administrator;
  const response = openMessage(answer, joinResponse, {
    federation,
    nowMs: clock.nowMs(),
    keyOf: (sender) => (sender === member ? publicKey : undefined),
  });
  if (!response.ok) throw new PeerError('join-refused', response.refusal.detail);
  const { body } = response.value;
  if (body.outcome === 'refused') throw new PeerError('join-refused', body.reason);
  return SiteMembership.admit(store, invitation.body.genesis, body.roster, addresses);
}

async function connectAny(
  { bus }: Pick<PeerDependencies, 'bus'>,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let last: unknown;
  for (const address of addresses) {
    try {
      await bus.connect(address, signal);
      return;
    } catch (error) {
      last = error;
    }
  }
  const tried = addresses.join(', ');
  throw new BusError('unreachable', `no address of the coordinator answers: ${tried}`, {
    cause: last,
  });
}
