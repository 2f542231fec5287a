// The invitee's side of admission.

import { openInvitation, openMessage, sealBinding, sealMessage } from '@starling/crypto';
import { openRoster } from '@starling/rules';
import type { Sequence } from '@starling/shared';
import {
  BINDING_LIFE_MS,
  BusError,
  JOIN_PROTOCOL,
  joinRequest,
  joinResponse,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import { SiteMembership } from './membership.ts';
import { PeerError } from './peer-error.ts';

export const JOIN_ANSWER_BYTES_MAX = 512 * 1024;

/**
 * Joins with an invitation's bytes and remembers the membership.
 * @throws {PeerError} `invalid-invitation`, `join-refused`, and `join-pending` while administrators
 * have yet to sign: ask again with the same invitation.
 * @throws {BusError} `unreachable` when no address of the coordinator answers.
 */
export async function joinFederation(
  world: Pick<PeerDependencies, 'bus' | 'channelKey' | 'clock' | 'identity' | 'store'>,
  sequence: Sequence,
  invitationBytes: Uint8Array,
  signal?: AbortSignal,
): Promise<SiteMembership> {
  const { bus, channelKey, clock, identity, store } = world;
  const opened = openInvitation(invitationBytes, clock.nowMs());
  if (!opened.ok) throw new PeerError('invalid-invitation', opened.refusal.detail);
  const { federation, genesis, invitation } = opened.value;
  const { addresses, coordinator } = invitation.body;
  await connectAny(world, addresses, signal);
  const nowMs = clock.nowMs();
  const binding = sealBinding(identity, channelKey, {
    federation,
    site: invitation.body.site,
    seq: 1,
    previous: null,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + BINDING_LIFE_MS,
  });
  const request = sealMessage(identity, joinRequest, {
    federation,
    body: { binding, invitation: invitationBytes, rotation: null },
    ...sequence.stamp(),
  });
  const answer = await bus.request(coordinator, JOIN_PROTOCOL, request, {
    answerBytesMax: JOIN_ANSWER_BYTES_MAX,
    ...(signal === undefined ? {} : { signal }),
  });
  const { member, publicKey } = genesis.body.coordinator;
  const response = openMessage(answer, joinResponse, {
    federation,
    nowMs: clock.nowMs(),
    keyOf: (sender) => (sender === member ? publicKey : undefined),
  });
  if (!response.ok) throw new PeerError('join-refused', response.refusal.detail);
  const { body } = response.value;
  if (body.outcome === 'refused') throw new PeerError('join-refused', body.reason);
  if (body.outcome === 'pending') {
    const { signed, threshold, why } = body;
    const message = `${signed} of ${threshold} administrators have signed (${why}); join again later`;
    throw new PeerError('join-pending', message);
  }
  const trust = { federation, genesis: genesis.body };
  const roster = openRoster(body.roster, trust);
  if (!roster.ok) throw new PeerError('join-refused', roster.refusal.detail);
  const { members, notAfterMs } = roster.value.body;
  if (!members.some((entry) => entry.member === identity.member && entry.status === 'active')) {
    throw new PeerError('join-refused', 'the roster that was sent does not list this site');
  }
  if (notAfterMs <= clock.nowMs()) {
    throw new PeerError('join-refused', 'the roster that was sent has expired');
  }
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
