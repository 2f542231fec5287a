// Binding and rotation records: one statement, two signatures over the same bytes, so that nobody
// claims a foreign key for its channel, a foreign channel for its key, or the place of a member.

import {
  type Binding,
  binding,
  type Checked,
  COSIGNED_BYTES_MAX,
  checked,
  cosignedSchema,
  type Digest,
  encodeCanonical,
  type FederationId,
  type MemberId,
  type Opened,
  type Rotation,
  refused,
  rotation,
  SIGNATURE_SUITE,
  signingContext,
  type TransportId,
} from '@starling/shared';
import {
  CHANNEL_KEY_BYTES,
  type ChannelKey,
  transportIdOfKey,
  verifyChannelSignature,
} from './channel-key.ts';
import { digestOf } from './digest.ts';
import { type Identity, memberIdOf, verifySignature } from './identity.ts';
import { openMessage, openSelfSigned } from './open-message.ts';
import { CLOCK_SKEW_MAX_MS, decodeAs, parseFrame } from './parse-frame.ts';
import { sealMessage } from './seal-message.ts';
import { PUBLIC_KEY_BYTES } from './signatures/signature-backend.ts';

export interface BindingTerms {
  readonly federation: FederationId;
  readonly site: string;
  readonly seq: number;
  readonly previous: Digest | null;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface OpenedRecord<T> {
  readonly sender: MemberId;
  readonly body: T;
  readonly bodyDigest: Digest;
}

/** The record that binds a member's key to a channel's, signed by both. */
export function sealBinding(
  identity: Identity,
  channel: ChannelKey,
  { federation, ...terms }: BindingTerms,
): Uint8Array {
  const body: Binding = {
    ...terms,
    channelKey: channel.publicKey,
    member: identity.member,
    publicKey: identity.publicKey,
    suite: SIGNATURE_SUITE,
    transportId: channel.transportId,
  };
  const frame = sealMessage(identity, binding, { federation, body });
  return encodeCanonical({ cosignature: channel.sign(channelBytes(signedOf(frame))), frame });
}

/**
 * Opens a binding record: both signatures, the member id of the one key, the peer id of the other.
 * With `nowMs` it must also be in force then; a record of the past is opened without. Never throws.
 */
export function openBinding(
  bytes: Uint8Array,
  { federation, nowMs }: { readonly federation: FederationId; readonly nowMs?: number },
): Checked<OpenedRecord<Binding>> {
  const record = decodeAs(bytes, cosignedSchema, 'binding', COSIGNED_BYTES_MAX);
  if (!record.ok) return record;
  const { cosignature, frame } = record.value;
  const opened = openSelfSigned(frame, binding, {
    federation,
    nowMs: 0,
    keyOfBody: ({ publicKey }) => publicKey,
  });
  if (!opened.ok) return opened;
  const { body, sender } = opened.value;
  if (body.member !== sender) return refused('wrong-shape', 'the binding names another member');
  if (idOfChannel(body.channelKey) !== body.transportId) {
    return refused('wrong-shape', 'the binding names the peer id of another channel key');
  }
  if (!verifyChannelSignature(body.channelKey, channelBytes(signedOf(frame)), cosignature)) {
    return refused('bad-signature', 'the channel key did not sign the binding');
  }
  if (nowMs !== undefined && body.notBeforeMs > nowMs + CLOCK_SKEW_MAX_MS) {
    return refused('not-yet-valid', `the binding begins in ${body.notBeforeMs - nowMs} ms`);
  }
  if (nowMs !== undefined && body.notAfterMs <= nowMs) {
    return refused('expired', `the binding ended ${nowMs - body.notAfterMs} ms ago`);
  }
  return checked(recordOf(opened.value));
}

/** The record by which `next` takes the place of `identity`, signed by both. */
export function sealRotation(
  identity: Identity,
  next: Identity,
  { federation, bindingDigest }: { federation: FederationId; bindingDigest: Digest },
): Uint8Array {
  const body: Rotation = {
    binding: bindingDigest,
    member: next.member,
    publicKey: next.publicKey,
    suite: SIGNATURE_SUITE,
  };
  const frame = sealMessage(identity, rotation, { federation, body });
  const cosignature = next.sign(signedOf(frame), signingContext(rotation.type));
  return encodeCanonical({ cosignature, frame });
}

/** Opens a rotation record under the old key of its sender. Never throws. */
export function openRotation(
  bytes: Uint8Array,
  options: {
    readonly federation: FederationId;
    readonly keyOf: (sender: MemberId) => Uint8Array | undefined;
  },
): Checked<OpenedRecord<Rotation>> {
  const record = decodeAs(bytes, cosignedSchema, 'rotation', COSIGNED_BYTES_MAX);
  if (!record.ok) return record;
  const { cosignature, frame } = record.value;
  const opened = openMessage(frame, rotation, { ...options, nowMs: 0 });
  if (!opened.ok) return opened;
  const { member, publicKey } = opened.value.body;
  if (publicKey.byteLength !== PUBLIC_KEY_BYTES || memberIdOf(publicKey) !== member) {
    return refused('bad-signature', `the new key is not that of ${member}`);
  }
  const context = signingContext(rotation.type);
  if (!verifySignature(publicKey, signedOf(frame), context, cosignature)) {
    return refused('bad-signature', 'the new key did not sign the rotation');
  }
  if (member === opened.value.sender) return refused('wrong-shape', 'the key follows itself');
  return checked(recordOf(opened.value));
}

function recordOf<T>({ sender, body, bodyBytes }: Opened<T>): OpenedRecord<T> {
  return { sender, body, bodyDigest: digestOf(bodyBytes) };
}

function idOfChannel(channelKey: Uint8Array): TransportId | undefined {
  return channelKey.byteLength === CHANNEL_KEY_BYTES ? transportIdOfKey(channelKey) : undefined;
}

/** Ed25519 has no context string: the domain stands before the bytes. */
function channelBytes(signed: Uint8Array): Uint8Array {
  return Buffer.concat([new TextEncoder().encode(signingContext(binding.type)), signed]);
}

/** The signed bytes of a frame that was opened or sealed before. */
function signedOf(frame: Uint8Array): Uint8Array {
  const parsed = parseFrame<unknown>(frame, [binding, rotation]);
  if (!parsed.ok) throw new TypeError(`no record: ${parsed.refusal.detail}`);
  return parsed.value.signed;
}
