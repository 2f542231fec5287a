// The Ed25519 key of a site's channel (RFC 8032), and the libp2p peer id that embeds it: base58 of
// the identity multihash of the protobuf-encoded public key (libp2p specs, peer-ids).

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type TransportId, transportIdSchema } from '@starling/shared';

export const CHANNEL_KEY_BYTES = 32;
export const CHANNEL_SIGNATURE_BYTES = 64;

/** RFC 8410: what stands in DER before a raw Ed25519 seed, and before a raw public key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Multihash "identity", 36 bytes; protobuf: key type 1 (Ed25519), 32 bytes of key. */
const PEER_ID_PREFIX = Buffer.from('002408011220', 'hex');
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A channel's key that can sign. The secret stays inside. */
export interface ChannelKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly transportId: TransportId;
  /** Ed25519 over `message`; 64 bytes. The caller puts a domain before what it signs. */
  sign(message: Uint8Array): Uint8Array;
}

/** The channel key of a 32-byte Ed25519 seed. @throws {RangeError} for another length. */
export function createChannelKey(seed: Uint8Array): ChannelKey {
  assertLength('a channel seed', seed, CHANNEL_KEY_BYTES);
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(SPKI_PREFIX.byteLength));
  return Object.freeze<ChannelKey>({
    publicKey,
    transportId: transportIdOfKey(publicKey),
    sign: (message) => new Uint8Array(sign(null, message, secret)),
  });
}

/** The peer id of an Ed25519 public key. @throws {RangeError} unless it has 32 bytes. */
export function transportIdOfKey(publicKey: Uint8Array): TransportId {
  assertLength('a channel key', publicKey, CHANNEL_KEY_BYTES);
  let value = BigInt(`0x${Buffer.concat([PEER_ID_PREFIX, publicKey]).toString('hex')}`);
  let digits = '';
  while (value > 0n) {
    digits = `${BASE58[Number(value % 58n)]}${digits}`;
    value /= 58n;
  }
  // The multihash begins with one zero byte, which base58 writes as a "1".
  return transportIdSchema.parse(`1${digits}`);
}

/** Verifies an Ed25519 signature; false for malformed input, never throws. */
export function verifyChannelSignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.byteLength !== CHANNEL_KEY_BYTES) return false;
  if (signature.byteLength !== CHANNEL_SIGNATURE_BYTES) return false;
  try {
    return verify(null, message, importKey(publicKey), signature);
  } catch {
    return false;
  }
}

function importKey(publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([SPKI_PREFIX, publicKey]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function assertLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.byteLength === length) return;
  throw new RangeError(`${what} has ${length} bytes, got ${bytes.byteLength}`);
}
