// A backup of a site's keys: one file, always encrypted, that a lost folder's keys come back from.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transportIdOf } from '@starling/adapters';
import {
  decodeSecretFile,
  describeKeyFile,
  digestOf,
  encodeKeyFile,
  encodeSecretFile,
  KEY_FILE_CHARS_MAX,
} from '@starling/crypto';
import type { Digest, MemberId, TransportId } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import { writeSecretFile } from './secret-path.ts';
import { readConfig, type SiteConfig } from './site-config.ts';
import {
  assertPassphrase,
  IDENTITY_FILE,
  openIdentitySeed,
  openSiteKeys,
  openTransportKey,
  readKeyFiles,
  TRANSPORT_FILE,
  TRANSPORT_NAMES,
} from './site-keys.ts';

const VERSION = 1;
const KIND = 'backup';

/** What an administrator needs to admit a member; nothing of it is secret. */
export interface PublicKeyRecord {
  readonly version: 1;
  readonly role: SiteConfig['role'];
  /** Name of the site or of the federation. */
  readonly name: string;
  readonly member: MemberId;
  readonly suite: string;
  /** 1952 bytes in base64url. */
  readonly publicKey: string;
  /** SHA3-256 of the public key, to compare over another channel. */
  readonly fingerprint: Digest;
  readonly transportId: TransportId;
}

export interface KeyBackup {
  readonly file: string;
  readonly member: MemberId;
  readonly transportId: TransportId;
}

/** @throws {RuntimeError} `not-a-site`, `unsafe-key-file`, `locked-key-file`, `wrong-passphrase` */
export async function publicKeyRecord(
  home: string,
  passphrase?: Uint8Array,
): Promise<PublicKeyRecord> {
  const config = await readConfig(home);
  const { identity, transportId } = await openSiteKeys(home, passphrase);
  return {
    version: VERSION,
    role: config.role,
    name: config.role === 'peer' ? config.site : config.name,
    member: identity.member,
    suite: (await readKeyFiles(home)).identity.suite,
    publicKey: Buffer.from(identity.publicKey).toString('base64url'),
    fingerprint: digestOf(identity.publicKey),
    transportId,
  };
}

/**
 * Writes both keys into a new file that only the owner reads, encrypted under `backupPassphrase`.
 * @throws {RuntimeError} `invalid-option` when the file exists or the passphrase is too short, and
 * as {@link openSiteKeys}
 */
export async function exportKeys(
  home: string,
  file: string,
  backupPassphrase: Uint8Array,
  passphrase?: Uint8Array,
): Promise<KeyBackup> {
  assertPassphrase(backupPassphrase);
  await readConfig(home);
  const { identity, transport } = await readKeyFiles(home);
  const lock = { passphrase: backupPassphrase };
  const seed = await openIdentitySeed(home, passphrase);
  const key = await openTransportKey(home, passphrase);
  const content = {
    version: VERSION,
    kind: KIND,
    identity: JSON.parse(encodeKeyFile({ seed, createdAtMs: identity.createdAtMs }, lock)),
    transport: JSON.parse(encodeSecretFile(transport, key, lock)),
  };
  const transportId = transportIdOf(key);
  seed.fill(0);
  key.fill(0);
  try {
    await writeSecretFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be written (${detail}): name a new file`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
  return { file, member: identity.owner as MemberId, transportId };
}

/**
 * Writes the keys of a backup back into a site's folder, still encrypted under its passphrase.
 * @throws {RuntimeError} `not-a-site` for a folder without config, `folder-exists` when a key lies
 * there already, `invalid-option` for a file that is no backup
 */
export async function restoreKeys(home: string, file: string): Promise<KeyBackup> {
  await readConfig(home);
  const { identity, transport } = await readBackup(file);
  const member = describeKeyFile(identity).owner as MemberId;
  const transportId = decodeSecretFile(transport, TRANSPORT_NAMES).owner as TransportId;
  const files = [
    { path: join(home, IDENTITY_FILE), text: identity },
    { path: join(home, TRANSPORT_FILE), text: transport },
  ];
  // Before either is written: half of a backup beside half of other keys would be no site.
  const there = files.find(({ path }) => existsSync(path));
  if (there !== undefined) {
    const message = `${there.path} is there already: move it away before you restore another`;
    throw new RuntimeError('folder-exists', message);
  }
  for (const { path, text } of files) await writeSecretFile(path, text);
  return { file, member, transportId };
}

async function readBackup(
  file: string,
): Promise<{ readonly identity: string; readonly transport: string }> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > 2 * KEY_FILE_CHARS_MAX) throw new TypeError('it is too large');
    const content: unknown = JSON.parse(text);
    if (!isBackup(content)) throw new TypeError('it is not what "starling keys export" writes');
    const parts = {
      identity: `${JSON.stringify(content.identity, undefined, 2)}\n`,
      transport: `${JSON.stringify(content.transport, undefined, 2)}\n`,
    };
    describeKeyFile(parts.identity);
    decodeSecretFile(parts.transport, TRANSPORT_NAMES);
    return parts;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} is no backup of keys (${detail})`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}

function isBackup(value: unknown): value is { identity: object; transport: object } {
  if (typeof value !== 'object' || value === null) return false;
  const { version, kind, identity, transport } = value as Readonly<Record<string, unknown>>;
  return (
    version === VERSION &&
    kind === KIND &&
    typeof identity === 'object' &&
    typeof transport === 'object'
  );
}
