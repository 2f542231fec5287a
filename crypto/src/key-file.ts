// A member's secret at rest, as text. Whoever writes it gives the file mode 0600.

import type { MemberId } from '@starling/shared';
import { CryptoError } from './crypto-error.ts';
import { createIdentity } from './identity.ts';
import { assertSeed, SEED_BYTES, SUITE } from './signatures/signature-backend.ts';

/** Longest key file that is read, in characters. */
export const KEY_FILE_CHARS_MAX = 4096;

export interface KeyFile {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly member: MemberId;
  readonly createdAtMs: number;
}

/**
 * The text of a key file: JSON with suite, member, creation time and the seed in base64url.
 * @throws {RangeError} when the seed is not 32 bytes or the time is no date.
 */
export function encodeKeyFile(key: Pick<KeyFile, 'seed' | 'createdAtMs'>): string {
  assertSeed(key.seed);
  const content = {
    suite: SUITE,
    member: createIdentity(key.seed).member,
    createdAt: new Date(key.createdAtMs).toISOString(),
    seed: Buffer.from(key.seed).toString('base64url'),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * Reads a key file and checks that its member id follows from its seed.
 * @throws {CryptoError} `key-file-malformed`, `key-file-suite` or `key-file-mismatch`.
 */
export function decodeKeyFile(text: string): KeyFile {
  const content = parseContent(text);
  if (content.suite !== SUITE) {
    const found = JSON.stringify(content.suite);
    throw new CryptoError('key-file-suite', `the key file's suite is ${found}, not "${SUITE}"`);
  }
  const seed = parseSeed(content.seed);
  const createdAtMs = parseTime(content.createdAt);
  const { member } = createIdentity(seed);
  if (content.member !== member) {
    throw new CryptoError(
      'key-file-mismatch',
      `the key file names member ${JSON.stringify(content.member)}, but its seed gives ` +
        `"${member}"; restore the file from a backup`,
    );
  }
  return { seed, member, createdAtMs };
}

/** A JSON object of unknown content. */
interface RawKeyFile {
  readonly suite?: unknown;
  readonly member?: unknown;
  readonly createdAt?: unknown;
  readonly seed?: unknown;
}

function parseContent(text: string): RawKeyFile {
  if (text.length > KEY_FILE_CHARS_MAX) {
    throw malformed(`has more than ${KEY_FILE_CHARS_MAX} characters`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the fault, which may be the seed.
    throw malformed('is not JSON');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw malformed('is not a JSON object');
  }
  return content as RawKeyFile;
}

function parseSeed(value: unknown): Uint8Array {
  const seed = typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined;
  if (seed?.byteLength !== SEED_BYTES || seed.toString('base64url') !== value) {
    throw malformed(`has no "seed" of ${SEED_BYTES} bytes in base64url`);
  }
  return new Uint8Array(seed);
}

function parseTime(value: unknown): number {
  const createdAtMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(createdAtMs)) throw malformed('has no date in "createdAt"');
  return createdAtMs;
}

function malformed(what: string): CryptoError {
  return new CryptoError(
    'key-file-malformed',
    `the key file ${what}; restore the file from a backup`,
  );
}
