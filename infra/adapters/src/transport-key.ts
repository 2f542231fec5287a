// The Ed25519 key of a site's channel. Its public half is the peer id that the roster names.

import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { CHANNEL_KEY_BYTES, type ChannelKey, createChannelKey } from '@starling/crypto';
import { type TransportId, transportIdSchema } from '@starling/shared';

export interface TransportKey {
  /** Secret; libp2p's protobuf form. */
  readonly key: Uint8Array;
  readonly transportId: TransportId;
}

/** A fresh channel key from the machine's randomness. */
export async function generateTransportKey(): Promise<TransportKey> {
  const privateKey = await generateKeyPair('Ed25519');
  return { key: privateKeyToProtobuf(privateKey), transportId: idOf(privateKey) };
}

/** The peer id that `key` stands for. @throws {TypeError} when it is no Ed25519 key. */
export function transportIdOf(key: Uint8Array): TransportId {
  return idOf(readTransportKey(key));
}

/** The same key where a site signs with it. @throws {TypeError} when it is no Ed25519 key. */
export function channelKeyOf(key: Uint8Array): ChannelKey {
  // libp2p keeps the seed before the public key.
  return createChannelKey(readTransportKey(key).raw.subarray(0, CHANNEL_KEY_BYTES));
}

/** @throws {TypeError} when the bytes are no Ed25519 private key. */
export function readTransportKey(key: Uint8Array): PrivateKey {
  let privateKey: PrivateKey;
  try {
    privateKey = privateKeyFromProtobuf(key);
  } catch (cause) {
    throw new TypeError('the transport key is not in libp2p form: generate a new one', { cause });
  }
  if (privateKey.type !== 'Ed25519') {
    throw new TypeError(`the transport key is ${privateKey.type}, Ed25519 is expected`);
  }
  return privateKey;
}

function idOf(privateKey: PrivateKey): TransportId {
  return transportIdSchema.parse(peerIdFromPrivateKey(privateKey).toString());
}
