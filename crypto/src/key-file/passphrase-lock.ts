// A secret under a passphrase: scrypt (RFC 7914) stretches it into a key that is fresh for every
// salt, AES-256-GCM seals the secret once.

import { scryptSync, timingSafeEqual } from 'node:crypto';
import { AEAD_KEY_BYTES, AEAD_TAG_BYTES, openOnce, sealOnce } from '../aead.ts';
import { CryptoError } from '../crypto-error.ts';
import { domainHash } from '../digest.ts';
import { type RandomSource, systemRandom } from '../random-source.ts';

/** Shorter ones fall to a search whatever scrypt costs. */
export const PASSPHRASE_BYTES_MIN = 8;
export const PASSPHRASE_BYTES_MAX = 1024;
/** A file asks for no more memory than this: 128 · N · r bytes. */
export const SCRYPT_MEMORY_BYTES_MAX = 256 * 1024 * 1024;
/** Nor for more passes over it. */
export const SCRYPT_PARALLEL_MAX = 4;
/** Nor for so little work that it is no lock. */
export const SCRYPT_COST_MIN = 2 ** 14;

export interface ScryptParameters {
  /** A power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second for each guess. */
export const SCRYPT_PARAMETERS: ScryptParameters = Object.freeze({ N: 2 ** 17, r: 8, p: 1 });

export interface LockedSecret {
  readonly scrypt: ScryptParameters;
  /** 32 bytes, fresh for every lock. */
  readonly salt: Uint8Array;
  /** 16 bytes that follow from the passphrase: they tell a wrong one from a changed file. */
  readonly check: Uint8Array;
  /** Ciphertext and tag. */
  readonly box: Uint8Array;
}

export const SALT_BYTES = 32;
export const CHECK_BYTES = 16;
const DOMAIN = 'starling/locked-secret/v1';

/**
 * Locks a secret; `names` is what stands beside it in the clear and may not be changed.
 * @throws {RangeError} when the passphrase is shorter or longer than allowed, or the parameters are.
 */
export function lockSecret(
  secret: Uint8Array,
  passphrase: Uint8Array,
  names: readonly Uint8Array[],
  scrypt: ScryptParameters = SCRYPT_PARAMETERS,
  random: RandomSource = systemRandom,
): LockedSecret {
  const { byteLength } = passphrase;
  if (byteLength < PASSPHRASE_BYTES_MIN || byteLength > PASSPHRASE_BYTES_MAX) {
    throw new RangeError(
      `a passphrase has ${PASSPHRASE_BYTES_MIN} to ${PASSPHRASE_BYTES_MAX} bytes, got ${byteLength}`,
    );
  }
  const refusal = scryptRefusal(scrypt);
  if (refusal !== undefined) throw new RangeError(refusal);
  const salt = random(SALT_BYTES);
  const stretched = stretch(passphrase, salt, scrypt);
  const check = stretched.slice(AEAD_KEY_BYTES);
  const aad = boundNames(names, scrypt, salt, check);
  const box = sealOnce(stretched.subarray(0, AEAD_KEY_BYTES), secret, aad);
  stretched.fill(0);
  return { scrypt, salt, check, box };
}

/**
 * The secret.
 * @throws {CryptoError} `key-file-parameters`, `key-file-passphrase`, `key-file-tampered`
 */
export function unlockSecret(
  locked: LockedSecret,
  passphrase: Uint8Array,
  names: readonly Uint8Array[],
): Uint8Array {
  const refusal = scryptRefusal(locked.scrypt);
  if (refusal !== undefined) throw new CryptoError('key-file-parameters', refusal);
  const stretched = stretch(passphrase, locked.salt, locked.scrypt);
  try {
    if (!timingSafeEqual(stretched.subarray(AEAD_KEY_BYTES), locked.check)) {
      throw new CryptoError('key-file-passphrase', 'the passphrase does not open the key file');
    }
    const aad = boundNames(names, locked.scrypt, locked.salt, locked.check);
    const secret = openOnce(stretched.subarray(0, AEAD_KEY_BYTES), locked.box, aad);
    if (secret !== undefined) return secret;
    const message = 'the key file was changed after it was written; restore it from a backup';
    throw new CryptoError('key-file-tampered', message);
  } finally {
    stretched.fill(0);
  }
}

/** Bytes of a box that holds a secret of `secretBytes`. */
export function lockedBytes(secretBytes: number): number {
  return secretBytes + AEAD_TAG_BYTES;
}

/** Why parameters are not accepted; undefined when they are. */
function scryptRefusal({ N, r, p }: ScryptParameters): string | undefined {
  const shown = `scrypt N=${N}, r=${r}, p=${p}`;
  if (![N, r, p].every((value) => Number.isSafeInteger(value) && value >= 1)) {
    return `${shown} are no whole numbers of 1 or more`;
  }
  if (!Number.isInteger(Math.log2(N))) return `${shown}: N is no power of two`;
  if (N < SCRYPT_COST_MIN) return `${shown}: N is below ${SCRYPT_COST_MIN}`;
  if (p > SCRYPT_PARALLEL_MAX) return `${shown}: p is beyond ${SCRYPT_PARALLEL_MAX}`;
  if (memoryBytes(N, r) > SCRYPT_MEMORY_BYTES_MAX) {
    return `${shown} asks for more than ${SCRYPT_MEMORY_BYTES_MAX / 1024 ** 2} MiB`;
  }
  return undefined;
}

function stretch(passphrase: Uint8Array, salt: Uint8Array, scrypt: ScryptParameters): Uint8Array {
  // The runtime counts a few blocks besides the large one.
  const maxmem = 2 * SCRYPT_MEMORY_BYTES_MAX;
  const buffer = scryptSync(passphrase, salt, AEAD_KEY_BYTES + CHECK_BYTES, { ...scrypt, maxmem });
  const stretched = new Uint8Array(buffer);
  buffer.fill(0);
  return stretched;
}

function memoryBytes(N: number, r: number): number {
  return 128 * N * r;
}

function boundNames(
  names: readonly Uint8Array[],
  { N, r, p }: ScryptParameters,
  salt: Uint8Array,
  check: Uint8Array,
): Uint8Array {
  const parameters = new TextEncoder().encode(`scrypt N=${N}, r=${r}, p=${p}`);
  return domainHash(DOMAIN, parameters, salt, check, ...names);
}
