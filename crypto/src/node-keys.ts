// Keys of node:crypto from and to their raw bytes. SPKI and PKCS#8 (RFC 9881, RFC 9935, RFC 8410)
// differ from the raw key by a fixed header only, and every runtime that has an algorithm reads
// them; the raw formats came later.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

interface KeyForm {
  readonly publicHeader: string;
  readonly publicBytes: number;
  readonly seedHeader: string;
  readonly seedBytes: number;
}

const FORMS = {
  'ml-dsa-44': nistForm('0311', 1312, 32),
  'ml-dsa-65': nistForm('0312', 1952, 32),
  'ml-dsa-87': nistForm('0313', 2592, 32),
  'ml-kem-512': nistForm('0401', 800, 64),
  'ml-kem-768': nistForm('0402', 1184, 64),
  'ml-kem-1024': nistForm('0403', 1568, 64),
  x25519: {
    publicHeader: '302a300506032b656e032100',
    publicBytes: 32,
    seedHeader: '302e020100300506032b656e04220420',
    seedBytes: 32,
  },
} as const satisfies Record<string, KeyForm>;

export type NodeKeyType = keyof typeof FORMS;

/** A secret key from its seed. Throws for a seed of another length and an unknown algorithm. */
export function importSecretKey(type: NodeKeyType, seed: Uint8Array): KeyObject {
  const { seedHeader, seedBytes } = FORMS[type];
  if (seed.byteLength !== seedBytes) throw new RangeError(`an ${type} seed has ${seedBytes} bytes`);
  const key = withHeader(seedHeader, seed);
  const imported = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  key.fill(0);
  return imported;
}

/** Throws for a key that is malformed or out of range. */
export function importPublicKey(type: NodeKeyType, bytes: Uint8Array): KeyObject {
  const { publicHeader, publicBytes } = FORMS[type];
  if (bytes.byteLength !== publicBytes)
    throw new RangeError(`an ${type} key: ${publicBytes} bytes`);
  // As text: of anything else node:crypto finds out by exceptions that it catches what kind of key
  // it is, which takes longer than reading base64.
  const text = withHeader(publicHeader, bytes).toString('base64');
  return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`);
}

/** The raw public key of a public or secret one. */
export function publicBytesOf(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (publicKey.asymmetricKeyType === 'x25519') {
    // Twenty times faster than through SPKI; runtimes of different age know it for this curve.
    return new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  }
  const form = FORMS[publicKey.asymmetricKeyType as NodeKeyType];
  return new Uint8Array(
    publicKey.export({ format: 'der', type: 'spki' }).subarray(-form.publicBytes),
  );
}

/** The headers of an algorithm of NIST, told by the last two bytes of its object identifier. */
function nistForm(identifier: string, publicBytes: number, seedBytes: number): KeyForm {
  const algorithm = `300b060960864801650304${identifier}`;
  const bitString = publicBytes + 1;
  return {
    publicHeader: `3082${hex16(bitString + 17)}${algorithm}0382${hex16(bitString)}00`,
    publicBytes,
    seedHeader: `30${hex8(seedBytes + 20)}020100${algorithm}04${hex8(seedBytes + 2)}80${hex8(seedBytes)}`,
    seedBytes,
  };
}

function withHeader(header: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(header, 'hex'), bytes]);
}

function hex8(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
