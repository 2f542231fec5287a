// `http-tokens.json` in a coordinator's folder: who may ask the operator API. It holds digests only;
// a token is 32 random bytes, so that its SHA3-256 needs no salt.

import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@starling/shared';
import { RuntimeError } from '../../runtime-error.ts';
import { readConfig } from '../../site-config.ts';
import { ROLES, type Role } from '../roles.ts';

export const TOKEN_FILE = 'http-tokens.json';
export const TOKENS_MAX = 100;
const TOKEN_BYTES = 32;
const TOKEN_PREFIX = 'starling_';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const recordSchema = z.strictObject({
  createdAtMs: z.int(),
  /** SHA3-256 of the token's text. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  expiresAtMs: z.int().nullable(),
  name: z.string().regex(NAME),
  role: z.enum(ROLES),
});
const fileSchema = z.strictObject({
  tokens: z.array(recordSchema).max(TOKENS_MAX),
  version: z.literal(1),
});

export type TokenRecord = z.infer<typeof recordSchema>;

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly expiresAtMs: number | null;
  readonly nowMs: number;
}

/** None where no token was ever made. @throws {RuntimeError} `invalid-config` when it is damaged */
export async function readTokens(home: string): Promise<readonly TokenRecord[]> {
  const path = join(home, TOKEN_FILE);
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).tokens;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    const message = `${path} is damaged: restore it, or remove it and make new tokens`;
    throw new RuntimeError('invalid-config', message, { cause });
  }
}

/**
 * Makes a token of a coordinator's folder; a running coordinator knows it at once.
 * @returns the token, which is kept nowhere
 * @throws {RuntimeError} `invalid-option` for a name that is taken or no name, `not-a-site`
 */
export async function createToken(home: string, token: NewToken): Promise<string> {
  const { expiresAtMs, name, nowMs, role } = token;
  if (!NAME.test(name)) {
    const rule = '1 to 63 letters, digits, ".", "_" or "-", beginning with a letter or digit';
    throw new RuntimeError('invalid-option', `--name is ${JSON.stringify(name)}: ${rule}`);
  }
  const text = `${TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  await change(home, (tokens) => {
    // An expired one makes room for its successor.
    const kept = tokens.filter((each) => each.name !== name || !isExpired(each, nowMs));
    if (kept.some((each) => each.name === name)) {
      const message = `a token "${name}" exists: revoke it first, or choose another --name`;
      throw new RuntimeError('invalid-option', message);
    }
    if (kept.length >= TOKENS_MAX) {
      const message = `there are ${TOKENS_MAX} tokens: revoke one with "starling token revoke"`;
      throw new RuntimeError('invalid-option', message);
    }
    const record = { createdAtMs: nowMs, digest: tokenDigest(text), expiresAtMs, name, role };
    return [...kept, record];
  });
  return text;
}

/** @throws {RuntimeError} `invalid-option` when there is none of this name, `not-a-site` */
export async function revokeToken(home: string, name: string): Promise<void> {
  await change(home, (tokens) => {
    const kept = tokens.filter((each) => each.name !== name);
    if (kept.length < tokens.length) return kept;
    const message = `there is no token "${name}": "starling token list" shows what there is`;
    throw new RuntimeError('invalid-option', message);
  });
}

/** A token without its digest, for people. */
export interface TokenView extends Omit<TokenRecord, 'digest'> {
  readonly expired: boolean;
}

/** @throws {RuntimeError} `not-a-site`, `invalid-config` */
export async function describeTokens(home: string, nowMs: number): Promise<TokenView[]> {
  await assertCoordinator(home);
  return (await readTokens(home)).map(({ digest: _, ...shown }) => ({
    ...shown,
    expired: shown.expiresAtMs !== null && shown.expiresAtMs <= nowMs,
  }));
}

export function tokenDigest(text: string): string {
  return createHash('sha3-256').update(text).digest('hex');
}

export function isExpired({ expiresAtMs }: TokenRecord, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

/** The draft stands in the way of another change at the same time. */
async function change(
  home: string,
  decide: (tokens: readonly TokenRecord[]) => readonly TokenRecord[],
): Promise<void> {
  await assertCoordinator(home);
  const path = join(home, TOKEN_FILE);
  const draft = `${path}.new`;
  try {
    await writeFile(draft, '', { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const message = `${draft} is there: another command changes the tokens, or one was killed; remove it then`;
    throw new RuntimeError('request-refused', message, { cause });
  }
  try {
    const tokens = decide(await readTokens(home));
    const text = JSON.stringify({ tokens, version: 1 }, undefined, 2);
    await writeFile(draft, `${text}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function assertCoordinator(home: string): Promise<void> {
  if ((await readConfig(home)).role === 'coordinator') return;
  const message = `${home} is a peer's folder: tokens are for the API of a coordinator`;
  throw new RuntimeError('not-a-site', message);
}
