// The two private keys of a site, each in a file of its own: who it is, and its channel. Both are
// encrypted under one passphrase or lie in the clear where only the owner reads them.

import { join } from 'node:path';
import { channelKeyOf, generateTransportKey, transportIdOf } from '@starling/adapters';
import {
  type ChannelKey,
  CryptoError,
  createIdentity,
  decodeKeyFile,
  decodeSecretFile,
  describeKeyFile,
  digestOf,
  encodeKeyFile,
  encodeSecretFile,
  generateSeed,
  type Identity,
  PASSPHRASE_BYTES_MAX,
  PASSPHRASE_BYTES_MIN,
  type SecretFile,
} from '@starling/crypto';
import type { Digest, MemberId, TransportId } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import { readSecretFile, writeSecretFile } from './secret-path.ts';

export const IDENTITY_FILE = 'identity.key';
export const TRANSPORT_FILE = 'transport.key';
/** New keys, beside the old ones until a roster lists them. */
export const IDENTITY_NEXT_FILE = 'identity.next.key';
export const TRANSPORT_NEXT_FILE = 'transport.next.key';
export const TRANSPORT_NAMES = Object.freeze({ kind: 'transport', suite: 'ed25519' });

export interface SiteKeys {
  readonly identity: Identity;
  /** Ed25519 private key of the channel. */
  readonly transportKey: Uint8Array;
  /** The same key where the site signs with it. */
  readonly channelKey: ChannelKey;
  readonly transportId: TransportId;
}

/** What may be shown of a site's keys. */
export interface KeyDescription {
  readonly member: MemberId;
  readonly suite: string;
  /** SHA3-256 of the public key; null while the key is locked. */
  readonly fingerprint: Digest | null;
  readonly encrypted: boolean;
  readonly createdAt: string;
  readonly transport: {
    readonly id: TransportId;
    readonly suite: string;
    readonly encrypted: boolean;
    /** Null for a file that does not tell. */
    readonly createdAt: string | null;
  };
}

/** Makes both keys and writes their files, encrypted when a passphrase is given. */
export async function createSiteKeys(
  home: string,
  createdAtMs: number,
  passphrase?: Uint8Array,
): Promise<SiteKeys> {
  const identity = await createIdentityFile(join(home, IDENTITY_FILE), createdAtMs, passphrase);
  const key = await createTransportFile(join(home, TRANSPORT_FILE), createdAtMs, passphrase);
  const channelKey = channelKeyOf(key);
  return { identity, transportKey: key, channelKey, transportId: channelKey.transportId };
}

/** A fresh member's key in a new file. */
export async function createIdentityFile(
  path: string,
  createdAtMs: number,
  passphrase?: Uint8Array,
): Promise<Identity> {
  const seed = generateSeed();
  await writeSecretFile(path, encodeKeyFile({ seed, createdAtMs }, { passphrase }));
  const identity = createIdentity(seed);
  seed.fill(0);
  return identity;
}

/** A fresh channel key in a new file. */
export async function createTransportFile(
  path: string,
  createdAtMs: number,
  passphrase?: Uint8Array,
): Promise<Uint8Array> {
  const { key, transportId } = await generateTransportKey();
  const names = { ...TRANSPORT_NAMES, owner: transportId, createdAtMs };
  await writeSecretFile(path, encodeSecretFile(names, key, { passphrase }));
  return key;
}

/** @throws {RuntimeError} `not-a-site`, `unsafe-key-file`, `locked-key-file`, `wrong-passphrase` */
export async function openSiteKeys(home: string, passphrase?: Uint8Array): Promise<SiteKeys> {
  const seed = await openIdentitySeed(home, passphrase);
  const identity = createIdentity(seed);
  seed.fill(0);
  const transportKey = await openTransportKey(home, passphrase);
  const channelKey = channelKeyOf(transportKey);
  return { identity, transportKey, channelKey, transportId: transportIdOf(transportKey) };
}

/** The member's seed, which the caller erases. @throws as {@link openSiteKeys} */
export async function openIdentitySeed(
  home: string,
  passphrase?: Uint8Array,
  file = IDENTITY_FILE,
): Promise<Uint8Array> {
  const path = join(home, file);
  const text = await readSecretFile(path);
  return readable(path, () => decodeKeyFile(text, passphrase).seed);
}

/** The channel's key, which belongs to the id that its file names. @throws as {@link openSiteKeys} */
export async function openTransportKey(
  home: string,
  passphrase?: Uint8Array,
  file = TRANSPORT_FILE,
): Promise<Uint8Array> {
  const path = join(home, file);
  const text = await readSecretFile(path);
  return readable(path, () => {
    const file = describeTransportFile(text);
    const key = file.open(passphrase);
    if (transportIdOf(key) === file.owner) return key;
    throw new TypeError(`the key file names ${file.owner}, but its key gives another id`);
  });
}

/**
 * What the key files say, and whether they hold together: with a passphrase, or when they lie in the
 * clear, both keys are opened.
 * @throws as {@link openSiteKeys}
 */
export async function describeSiteKeys(
  home: string,
  passphrase?: Uint8Array,
): Promise<KeyDescription> {
  const { identity, transport } = await readKeyFiles(home);
  const isLocked = (identity.isEncrypted || transport.isEncrypted) && passphrase === undefined;
  const opened = isLocked ? undefined : await openSiteKeys(home, passphrase);
  return {
    member: identity.owner as MemberId,
    suite: identity.suite,
    fingerprint: opened === undefined ? null : digestOf(opened.identity.publicKey),
    encrypted: identity.isEncrypted,
    createdAt: new Date(identity.createdAtMs).toISOString(),
    transport: {
      id: transport.owner as TransportId,
      suite: transport.suite,
      encrypted: transport.isEncrypted,
      createdAt: transport.createdAtMs === 0 ? null : new Date(transport.createdAtMs).toISOString(),
    },
  };
}

/** Both files as they lie there, not opened. @throws as {@link openSiteKeys} */
export async function readKeyFiles(
  home: string,
): Promise<{ readonly identity: SecretFile; readonly transport: SecretFile }> {
  const [identityPath, transportPath] = [join(home, IDENTITY_FILE), join(home, TRANSPORT_FILE)];
  const identityText = await readSecretFile(identityPath);
  const transportText = await readSecretFile(transportPath);
  return {
    identity: readable(identityPath, () => describeKeyFile(identityText)),
    transport: readable(transportPath, () => describeTransportFile(transportText)),
  };
}

/** @throws {RuntimeError} `invalid-option` */
export function assertPassphrase(passphrase: Uint8Array | undefined): void {
  if (passphrase === undefined) return;
  const { byteLength } = passphrase;
  if (byteLength >= PASSPHRASE_BYTES_MIN && byteLength <= PASSPHRASE_BYTES_MAX) return;
  const range = `${PASSPHRASE_BYTES_MIN} to ${PASSPHRASE_BYTES_MAX} bytes`;
  const message = `the passphrase has ${byteLength} bytes: choose one of ${range}`;
  throw new RuntimeError('invalid-option', message);
}

/** A file of today, or one line of base64url from before there were versions. */
function describeTransportFile(text: string): SecretFile {
  if (text.trimStart().startsWith('{')) return decodeSecretFile(text, TRANSPORT_NAMES);
  const key = new Uint8Array(Buffer.from(text.trim(), 'base64url'));
  return {
    ...TRANSPORT_NAMES,
    owner: transportIdOf(key),
    createdAtMs: 0,
    isEncrypted: false,
    scrypt: null,
    open: () => key.slice(),
  };
}

/** What a key file's fault means to the person who started the command. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const code = cause instanceof CryptoError ? cause.code : undefined;
    switch (code) {
      case 'key-file-locked': {
        const how = 'give its passphrase with --passphrase-file or STARLING_PASSPHRASE';
        throw new RuntimeError('locked-key-file', `${path} is encrypted: ${how}`, { cause });
      }
      case 'key-file-passphrase': {
        const message = `the passphrase does not open ${path}: give the one it was made with`;
        throw new RuntimeError('wrong-passphrase', message, { cause });
      }
      case 'key-file-tampered': {
        const message = `${path} was changed after it was written: restore it from a backup`;
        throw new RuntimeError('unsafe-key-file', message, { cause });
      }
      case 'key-file-parameters': {
        const detail = cause instanceof Error ? cause.message : '';
        const message = `${path} is refused (${detail}): restore it from a backup`;
        throw new RuntimeError('unsafe-key-file', message, { cause });
      }
      case 'key-file-version': {
        const message = `${path} was written by another version of starling: use that one`;
        throw new RuntimeError('not-a-site', message, { cause });
      }
      default:
        throw new RuntimeError('not-a-site', `${path} is damaged: restore it from a backup`, {
          cause,
        });
    }
  }
}
