// A backup of a whole site or coordinator as one encrypted file, also while it runs.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { openSqlitePeerStore, PEER_STORE_FILE } from '@starling/adapters';
import { encodeSecretFile } from '@starling/crypto';
import type { MemberId } from '@starling/shared';
import { openEventLog } from '../coordinator-log.ts';
import { LocalClient } from '../local-api/local-client.ts';
import { RuntimeError } from '../runtime-error.ts';
import { readConfig, type SiteConfig } from '../site-config.ts';
import { assertPassphrase, readKeyFiles } from '../site-keys.ts';
import { type ArchiveFile, isArchived, packFiles } from './archive.ts';
import { BACKUP_NAMES, type BackupHeader, headerLine } from './backup-header.ts';
import { sealFrames } from './sealed-frames.ts';
import { copyStores, MARKS_FILE, removeCopies } from './store-copies.ts';

export interface SiteBackup {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  /** Whether a process ran on the folder. */
  readonly wasRunning: boolean;
}

/**
 * Writes config, keys, stores and payloads into a new file, encrypted under the passphrase; a running
 * process goes on meanwhile. The index is left out: a site builds it from its documents.
 * @throws {RuntimeError} `not-a-site`, `invalid-option` when the file exists or the passphrase is too
 * short, `request-refused` by a coordinator that stands by
 */
export async function backUpSite(
  home: string,
  file: string,
  passphrase: Uint8Array,
  nowMs: number,
): Promise<SiteBackup> {
  assertPassphrase(passphrase);
  const config = await readConfig(home);
  const { identity } = await readKeyFiles(home);
  const running = await copyRunning(home);
  const copies = running ?? (await copyStopped(home, config));
  try {
    const files = await filesOf(home, copies);
    const key = randomBytes(32);
    const header: BackupHeader = {
      version: 1,
      kind: BACKUP_NAMES.kind,
      role: config.role,
      name: config.role === 'peer' ? config.site : config.name,
      member: identity.owner as MemberId,
      createdAtMs: nowMs,
      key: JSON.parse(
        encodeSecretFile({ ...BACKUP_NAMES, owner: identity.owner, createdAtMs: nowMs }, key, {
          passphrase,
        }),
      ),
    };
    const line = headerLine(header);
    const bytes = await write(file, line, sealFrames(key, line, packFiles(files)));
    key.fill(0);
    return { file, bytes, files: files.length, wasRunning: running !== undefined };
  } finally {
    await rm(copies, { recursive: true, force: true });
  }
}

/** Undefined when no process answers; a process that died may have left its control file. */
async function copyRunning(home: string): Promise<string | undefined> {
  try {
    return await (await LocalClient.open(home)).copyStores();
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
    throw error;
  }
}

async function copyStopped(home: string, config: SiteConfig): Promise<string> {
  await using opened = new AsyncDisposableStack();
  const file = config.role === 'peer' ? PEER_STORE_FILE : MARKS_FILE;
  // The store's lock is the folder's: nothing starts on it while it is copied.
  const stores = existsSync(join(home, file))
    ? { [file]: opened.adopt(openSqlitePeerStore(home, file), (it) => it.stop()) }
    : {};
  await removeCopies(home);
  if (config.role === 'peer') return await copyStores(home, { stores });
  const eventLog = opened.adopt(await openEventLog(home), (it) => it.stop());
  return await copyStores(home, { stores, eventLog });
}

/** What the folder holds, with the copies in place of the stores. */
async function filesOf(home: string, copies: string): Promise<ArchiveFile[]> {
  const inFolder = async (folder: string, prefix = ''): Promise<ArchiveFile[]> => {
    const names = (await readdir(folder)).map((name) => `${prefix}${name}`).sort();
    return names
      .filter(isArchived)
      .map((name) => ({ name, path: join(folder, name.slice(prefix.length)) }));
  };
  const own = (await inFolder(home)).filter(({ name }) => !name.endsWith('.sqlite'));
  const payloads = join(home, 'payloads');
  return [
    ...own,
    ...(await inFolder(copies)),
    ...(existsSync(payloads) ? await inFolder(payloads, 'payloads/') : []),
  ];
}

async function write(
  file: string,
  line: Uint8Array,
  frames: AsyncIterable<Uint8Array>,
): Promise<number> {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  try {
    await once(stream, 'open');
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError(
      'invalid-option',
      `${file} cannot be written (${detail}): name a new file`,
      {
        cause,
      },
    );
  }
  const done = finished(stream);
  try {
    stream.write(line);
    for await (const frame of frames) {
      if (!stream.write(frame)) await Promise.race([once(stream, 'drain'), done]);
    }
    stream.end();
    await done;
    return stream.bytesWritten;
  } catch (error) {
    stream.destroy();
    await done.catch(() => undefined);
    await rm(file, { force: true });
    throw error;
  }
}
