// Opens the log of a coordinator's folder, wherever its config says that it lies.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type NatsEventLogOptions,
  natsLogState,
  openNatsEventLog,
  openNatsSnapshots,
  openSqliteEventLog,
  openSqliteSnapshots,
} from '@starling/adapters';
import { type EventLog, EventLogError, type SnapshotStore } from '@starling/shared';
import type { LogConfig, NatsLogConfig } from './log-config.ts';
import { RuntimeError } from './runtime-error.ts';
import { readSecretFile } from './secret-path.ts';
import { readConfig } from './site-config.ts';

const EVENT_LOG_FILE = 'events.sqlite';
/** May be deleted while no process runs: the log has everything. */
const SNAPSHOTS_FILE = 'snapshots.sqlite';
const CLIENT_NAME = 'starling-coordinator';

/** Which log it is and whether it can be reached, as people read it. */
export interface LogStatus {
  readonly kind: LogConfig['kind'];
  /** The file, or the stream and its servers. */
  readonly where: string;
  readonly reachable: boolean;
  /** How it is, or why it cannot be reached. */
  readonly detail: string;
}

/**
 * Opens the log of a coordinator's folder, which must be there.
 * @throws {RuntimeError} `not-a-site` for another folder or without a log, `unsafe-key-file`
 * @throws {EventLogError} `storage` when a process has the file, or no server answers
 */
export async function openEventLog(home: string): Promise<EventLog> {
  const config = await readConfig(home);
  if (config.role === 'coordinator') return openLogOf(home, config.log, 'existing');
  throw new RuntimeError('not-a-site', `${home} is a peer's folder: a coordinator has the log`);
}

/** @throws as {@link openEventLog} */
export async function openLogOf(
  home: string,
  log: LogConfig,
  which: 'new' | 'existing',
): Promise<EventLog> {
  if (log.kind === 'nats') {
    const options = await natsOptions(home, log);
    return openNatsEventLog({ ...options, mustExist: which === 'existing' });
  }
  const path = join(home, EVENT_LOG_FILE);
  if (which === 'new' || existsSync(path)) return openSqliteEventLog(path);
  throw new RuntimeError('not-a-site', `${path} is missing: restore it from a backup`);
}

/** @throws {EventLogError} `storage` when a process has the file, or no server answers */
export async function openSnapshotsOf(home: string, log: LogConfig): Promise<SnapshotStore> {
  if (log.kind === 'nats') return openNatsSnapshots(await natsOptions(home, log));
  return openSqliteSnapshots(join(home, SNAPSHOTS_FILE));
}

/** Looks without changing anything, also while a process has the log. Never rejects. */
export async function lookAtLog(home: string, log: LogConfig): Promise<LogStatus> {
  const { kind } = log;
  const where = whereIs(home, log);
  try {
    if (log.kind === 'sqlite') {
      const reachable = existsSync(where);
      return { kind, where, reachable, detail: reachable ? 'a file' : 'the file is missing' };
    }
    const { copies, current } = await natsLogState(await natsOptions(home, log));
    return { kind, where, reachable: true, detail: `${current} of ${copies} copies up to date` };
  } catch (error) {
    if (!(error instanceof EventLogError || error instanceof RuntimeError)) throw error;
    return { kind, where, reachable: false, detail: error.message };
  }
}

function whereIs(home: string, log: LogConfig): string {
  if (log.kind === 'sqlite') return join(home, EVENT_LOG_FILE);
  return `${log.stream} at ${log.servers.join(', ')}`;
}

/** @throws {RuntimeError} `unsafe-key-file`, `not-a-site` for a file of the config */
export async function natsOptions(home: string, log: NatsLogConfig): Promise<NatsEventLogOptions> {
  const { caFile, nkeyFile, replicas, servers, stream, tokenFile } = log;
  // Read by the adapter, which does not look at who else may.
  if (nkeyFile !== null) await readSecretFile(resolve(home, nkeyFile));
  const token = tokenFile === null ? undefined : await readSecretFile(resolve(home, tokenFile));
  return {
    log: stream,
    name: CLIENT_NAME,
    replicas,
    servers,
    ...(token === undefined ? {} : { token: token.trim() }),
    ...(nkeyFile === null ? {} : { nkeyFile: resolve(home, nkeyFile) }),
    ...(caFile === null ? {} : { caFile: resolve(home, caFile) }),
  };
}
