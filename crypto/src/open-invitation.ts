// The two messages that are opened before a roster is known: the genesis vouches for its own key,
// and an invitation is signed by the coordinator of the genesis it carries.

import {
  type Checked,
  checked,
  type FederationId,
  type Genesis,
  genesis,
  type Invitation,
  invitation,
  NO_FEDERATION,
  refused,
  type Verified,
} from '@starling/shared';
import { digestOf } from './digest.ts';
import { memberIdOf } from './identity.ts';
import { openMessage, openSelfSigned } from './open-message.ts';
import { decodeAs, parseFrame } from './parse-frame.ts';

export interface OpenedGenesis {
  /** Digest of the genesis body. */
  readonly federation: FederationId;
  readonly genesis: Verified<Genesis>;
}

export interface OpenedInvitation extends OpenedGenesis {
  readonly invitation: Verified<Invitation>;
}

/**
 * Opens a genesis frame: signed by the coordinator that its body names, with administrators whose
 * ids follow from their keys. Never throws.
 */
export function openGenesis(bytes: Uint8Array): Checked<OpenedGenesis> {
  const opened = openSelfSigned(bytes, genesis, {
    federation: NO_FEDERATION,
    nowMs: 0,
    keyOfBody: (body) => body.coordinator.publicKey,
  });
  if (!opened.ok) return opened;
  const { body, bodyBytes, sender } = opened.value;
  if (body.coordinator.member !== sender) {
    return refused('wrong-shape', 'the genesis names another coordinator than its signer');
  }
  const odd = body.administrators.find(({ member, publicKey }) => memberIdOf(publicKey) !== member);
  if (odd !== undefined) {
    return refused('wrong-shape', `the key of administrator ${odd.member} is another one's`);
  }
  return checked({
    federation: digestOf(bodyBytes) as string as FederationId,
    genesis: opened.value,
  });
}

/**
 * Opens an invitation and the genesis inside it; the invitation must be signed by that genesis'
 * coordinator, for that federation. Whether to trust this federation is the invitee's choice.
 */
export function openInvitation(bytes: Uint8Array, nowMs: number): Checked<OpenedInvitation> {
  const parsed = parseFrame(bytes, [invitation]);
  if (!parsed.ok) return parsed;
  const { body } = parsed.value.header;
  const content = decodeAs(body, invitation.schema, invitation.type, invitation.bodyBytesMax);
  if (!content.ok) return content;
  const founded = openGenesis(content.value.genesis);
  if (!founded.ok) return founded;
  const { member, publicKey } = founded.value.genesis.body.coordinator;
  const opened = openMessage(bytes, invitation, {
    federation: founded.value.federation,
    nowMs,
    keyOf: (sender) => (sender === member ? publicKey : undefined),
  });
  return opened.ok ? checked({ ...founded.value, invitation: opened.value }) : opened;
}
