// A member's secret at rest. Its file names the member, and the member follows from the seed.

import type { MemberId } from '@starling/shared';
import { CryptoError } from '../crypto-error.ts';
import { createIdentity } from '../identity.ts';
import { assertSeed, SEED_BYTES, SUITE } from '../signatures/signature-backend.ts';
import {
  decodeSecretFile,
  encodeSecretFile,
  type LockOptions,
  parseBytes,
  parseContent,
  parseTime,
  type SecretFile,
} from './secret-file.ts';

const KIND = 'identity';

export interface KeyFile {
  /** 32 bytes; whoever opened the file erases it. */
  readonly seed: Uint8Array;
  readonly member: MemberId;
  readonly createdAtMs: number;
}

/**
 * The text of a member's key file, encrypted when a passphrase is given.
 * @throws {RangeError} when the seed is not 32 bytes, the time is no date or the passphrase too short.
 */
export function encodeKeyFile(
  key: Pick<KeyFile, 'seed' | 'createdAtMs'>,
  options: LockOptions = {},
): string {
  assertSeed(key.seed);
  const owner = createIdentity(key.seed).member;
  const names = { kind: KIND, suite: SUITE, owner, createdAtMs: key.createdAtMs };
  return encodeSecretFile(names, key.seed, options);
}

/**
 * What a member's key file says before it is opened.
 * @throws {CryptoError} `key-file-malformed`, `key-file-version`, `key-file-suite`
 */
export function describeKeyFile(text: string): SecretFile {
  const content = parseContent(text);
  return content['version'] === undefined
    ? unversionedFile(content)
    : decodeSecretFile(text, { kind: KIND, suite: SUITE });
}

/**
 * Opens a member's key file and checks that its member id follows from its seed.
 * @throws {CryptoError} any of its codes
 */
export function decodeKeyFile(text: string, passphrase?: Uint8Array): KeyFile {
  const file = describeKeyFile(text);
  const seed = file.open(passphrase);
  if (seed.byteLength !== SEED_BYTES) {
    const message = `the key file holds ${seed.byteLength} bytes, not a seed of ${SEED_BYTES}`;
    throw new CryptoError('key-file-malformed', message);
  }
  const { member } = createIdentity(seed);
  if (file.owner !== member) {
    throw new CryptoError(
      'key-file-mismatch',
      `the key file names member ${JSON.stringify(file.owner)}, but its seed gives ` +
        `"${member}"; restore the file from a backup`,
    );
  }
  return { seed, member, createdAtMs: file.createdAtMs };
}

/** Files from before there were versions: never encrypted. */
function unversionedFile(content: Readonly<Record<string, unknown>>): SecretFile {
  if (content['suite'] !== SUITE) {
    const found = JSON.stringify(content['suite']);
    throw new CryptoError('key-file-suite', `the key file's suite is ${found}, not "${SUITE}"`);
  }
  const seed = parseBytes(content['seed'], 'seed', SEED_BYTES);
  return {
    kind: KIND,
    suite: SUITE,
    owner: String(content['member']),
    createdAtMs: parseTime(content['createdAt']),
    isEncrypted: false,
    scrypt: null,
    open: () => seed.slice(),
  };
}
