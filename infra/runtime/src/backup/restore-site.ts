// A backup becomes a folder again: a new one, whole or not at all.

import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CryptoError, decodeSecretFile } from '@starling/crypto';
import { RuntimeError } from '../runtime-error.ts';
import { type CoordinatorConfig, readConfig, writeConfig } from '../site-config.ts';
import { makeEmptyFolder } from '../site-folder.ts';
import { unpackFiles } from './archive.ts';
import { BACKUP_NAMES, type BackupHeader, readBackupHeader } from './backup-header.ts';
import { openFrames } from './sealed-frames.ts';

export interface RestoredSite extends Omit<BackupHeader, 'key' | 'kind' | 'version'> {
  readonly home: string;
  readonly files: number;
  /** Files outside the folder that its config names; they are not in the backup. */
  readonly wanted: readonly string[];
}

export interface RestoreOptions {
  /** A coordinator whose NATS servers are lost goes on with the copy of its log in the folder. */
  readonly logInFolder?: boolean;
}

/**
 * @throws {RuntimeError} `folder-exists` when `home` holds anything, `wrong-passphrase`,
 * `invalid-option` for a file that is no backup or not whole; then nothing is left in `home`
 */
export async function restoreSite(
  file: string,
  home: string,
  passphrase: Uint8Array,
  { logInFolder = false }: RestoreOptions = {},
): Promise<RestoredSite> {
  const { header, line } = await readBackupHeader(file);
  if (logInFolder && header.role === 'peer') {
    throw new RuntimeError('invalid-option', `${file} is a site's: only a coordinator has a log`);
  }
  const key = keyOf(file, header, passphrase);
  await makeEmptyFolder(home);
  try {
    const sealed = createReadStream(file, { start: line.byteLength });
    const files = await unpackFiles(openFrames(key, line, sealed), home);
    const config = await readConfig(home);
    const wanted = config.role === 'coordinator' ? await adoptLog(home, config, logInFolder) : [];
    const { createdAtMs, member, name, role } = header;
    return { createdAtMs, files, home, member, name, role, wanted };
  } catch (cause) {
    // It was empty: all that is in it is ours.
    for (const name of await readdir(home)) await rm(join(home, name), { recursive: true });
    if (cause instanceof RuntimeError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-option', `${file} cannot be restored (${detail})`, { cause });
  } finally {
    key.fill(0);
  }
}

/** The copy of the log is for when the servers are gone; else it would only grow old. */
async function adoptLog(
  home: string,
  config: CoordinatorConfig,
  logInFolder: boolean,
): Promise<string[]> {
  if (config.log.kind === 'sqlite') return [];
  if (logInFolder) {
    await writeConfig(home, { ...config, log: { kind: 'sqlite' } });
    return [];
  }
  await rm(join(home, 'events.sqlite'), { force: true });
  const { caFile, nkeyFile, tokenFile } = config.log;
  return [caFile, nkeyFile, tokenFile].filter((each) => each !== null);
}

function keyOf(file: string, header: BackupHeader, passphrase: Uint8Array): Uint8Array {
  try {
    return decodeSecretFile(JSON.stringify(header.key), BACKUP_NAMES).open(passphrase);
  } catch (cause) {
    if (cause instanceof CryptoError && cause.code === 'key-file-passphrase') {
      const message = `the passphrase does not open ${file}: give the one it was made with`;
      throw new RuntimeError('wrong-passphrase', message, { cause });
    }
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-option', `${file} is no backup (${detail})`, { cause });
  }
}
