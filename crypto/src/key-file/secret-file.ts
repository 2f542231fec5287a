// A private key at rest, as JSON text: named in the clear, its secret in the clear or under a
// passphrase. Whoever writes it gives the file mode 0600.

import { CryptoError } from '../crypto-error.ts';
import {
  CHECK_BYTES,
  type LockedSecret,
  lockedBytes,
  lockSecret,
  SALT_BYTES,
  SCRYPT_PARAMETERS,
  type ScryptParameters,
  unlockSecret,
} from './passphrase-lock.ts';

/** Longest key file that is read, in characters. */
export const KEY_FILE_CHARS_MAX = 8192;
/** Largest secret that one holds. */
export const SECRET_BYTES_MAX = 1024;

const VERSION = 1;
const NAME_CHARS_MAX = 128;

/** What stands in the clear. */
export interface SecretNames {
  /** What the key is for, such as `identity`. */
  readonly kind: string;
  /** Its algorithm, such as `ml-dsa-65`. */
  readonly suite: string;
  /** Who holds it: a member or a transport id. */
  readonly owner: string;
  readonly createdAtMs: number;
}

/** A file as it lies there: names, and a secret that may need a passphrase. */
export interface SecretFile extends SecretNames {
  readonly isEncrypted: boolean;
  /** Null when the secret lies in the clear. */
  readonly scrypt: ScryptParameters | null;
  /**
   * The secret, in a fresh array.
   * @throws {CryptoError} `key-file-locked`, `key-file-passphrase`, `key-file-tampered` or
   * `key-file-parameters`
   */
  open(passphrase?: Uint8Array): Uint8Array;
}

export interface LockOptions {
  /** 8 to 1024 bytes; absent, the secret lies in the clear. */
  readonly passphrase?: Uint8Array | undefined;
  readonly scrypt?: ScryptParameters | undefined;
}

/**
 * The text of a key file.
 * @throws {RangeError} when the passphrase, the secret or a name has a length that is not allowed.
 */
export function encodeSecretFile(
  names: SecretNames,
  secret: Uint8Array,
  { passphrase, scrypt = SCRYPT_PARAMETERS }: LockOptions = {},
): string {
  if (secret.byteLength === 0 || secret.byteLength > SECRET_BYTES_MAX) {
    throw new RangeError(`a key file holds 1 to ${SECRET_BYTES_MAX} bytes`);
  }
  const { kind, suite, owner, createdAtMs } = names;
  const content = {
    version: VERSION,
    kind,
    suite,
    owner,
    createdAt: new Date(createdAtMs).toISOString(),
    ...(passphrase === undefined
      ? { secret: textOf(secret) }
      : { locked: lockedText(lockSecret(secret, passphrase, boundNames(names), scrypt)) }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * Reads the names of a key file; the secret is opened from what it gives.
 * @throws {CryptoError} `key-file-malformed`, `key-file-version`, `key-file-suite`
 */
export function decodeSecretFile(
  text: string,
  expected: Pick<SecretNames, 'kind' | 'suite'>,
): SecretFile {
  const content = parseContent(text);
  if (content['version'] !== VERSION) {
    const found = JSON.stringify(content['version']);
    throw new CryptoError('key-file-version', `the key file has version ${found}, not ${VERSION}`);
  }
  for (const field of ['kind', 'suite'] as const) {
    if (content[field] === expected[field]) continue;
    const found = JSON.stringify(content[field]);
    const message = `the key file's ${field} is ${found}, not "${expected[field]}"`;
    throw new CryptoError('key-file-suite', message);
  }
  const owner = content['owner'];
  if (typeof owner !== 'string' || owner.length === 0 || owner.length > NAME_CHARS_MAX) {
    throw malformed('has no "owner"');
  }
  const names = { ...expected, owner, createdAtMs: parseTime(content['createdAt']) };
  if (content['locked'] === undefined) return plainFile(names, content['secret']);
  return lockedFile(names, parseLocked(content['locked']));
}

/** JSON text of a key file as an object of unknown content. @throws {CryptoError} malformed */
export function parseContent(text: string): Readonly<Record<string, unknown>> {
  if (text.length > KEY_FILE_CHARS_MAX) {
    throw malformed(`has more than ${KEY_FILE_CHARS_MAX} characters`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the fault, which may be the secret.
    throw malformed('is not JSON');
  }
  return objectOf(content, 'is not a JSON object');
}

/** Bytes of a base64url field. @throws {CryptoError} malformed */
export function parseBytes(value: unknown, name: string, bytesMin: number, bytesMax = bytesMin) {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined;
  if (
    bytes === undefined ||
    bytes.byteLength < bytesMin ||
    bytes.byteLength > bytesMax ||
    bytes.toString('base64url') !== value
  ) {
    const range = bytesMin === bytesMax ? `${bytesMin}` : `${bytesMin} to ${bytesMax}`;
    throw malformed(`has no "${name}" of ${range} bytes in base64url`);
  }
  const parsed = new Uint8Array(bytes);
  bytes.fill(0);
  return parsed;
}

/** @throws {CryptoError} malformed */
export function parseTime(value: unknown): number {
  const createdAtMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(createdAtMs)) throw malformed('has no date in "createdAt"');
  return createdAtMs;
}

function plainFile(names: SecretNames, secret: unknown): SecretFile {
  const kept = parseBytes(secret, 'secret', 1, SECRET_BYTES_MAX);
  return { ...names, isEncrypted: false, scrypt: null, open: () => kept.slice() };
}

function lockedFile(names: SecretNames, locked: LockedSecret): SecretFile {
  return {
    ...names,
    isEncrypted: true,
    scrypt: locked.scrypt,
    open(passphrase) {
      if (passphrase === undefined) {
        throw new CryptoError('key-file-locked', 'the key file is encrypted: give its passphrase');
      }
      return unlockSecret(locked, passphrase, boundNames(names));
    },
  };
}

function parseLocked(value: unknown): LockedSecret {
  const content = objectOf(value, 'has no object in "locked"');
  if (content['kdf'] !== 'scrypt' || content['cipher'] !== 'aes-256-gcm') {
    throw new CryptoError('key-file-suite', 'the key file is not locked by scrypt and aes-256-gcm');
  }
  const [N, r, p] = ['N', 'r', 'p'].map((name) => {
    const parameter = content[name];
    if (typeof parameter !== 'number') throw malformed(`has no number in "locked.${name}"`);
    return parameter;
  }) as [number, number, number];
  return {
    scrypt: { N, r, p },
    salt: parseBytes(content['salt'], 'locked.salt', SALT_BYTES),
    check: parseBytes(content['check'], 'locked.check', CHECK_BYTES),
    box: parseBytes(content['box'], 'locked.box', lockedBytes(1), lockedBytes(SECRET_BYTES_MAX)),
  };
}

function lockedText({ scrypt, salt, check, box }: LockedSecret) {
  return {
    kdf: 'scrypt',
    ...scrypt,
    salt: textOf(salt),
    check: textOf(check),
    cipher: 'aes-256-gcm',
    box: textOf(box),
  };
}

function boundNames({ kind, suite, owner, createdAtMs }: SecretNames): Uint8Array[] {
  const encoder = new TextEncoder();
  const createdAt = new Date(createdAtMs).toISOString();
  return [kind, suite, owner, createdAt].map((name) => encoder.encode(name));
}

function objectOf(value: unknown, fault: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(fault);
  return value as Readonly<Record<string, unknown>>;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function malformed(what: string): CryptoError {
  const message = `the key file ${what}; restore the file from a backup`;
  return new CryptoError('key-file-malformed', message);
}
