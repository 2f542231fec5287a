// Where the log of a new federation shall lie: options of the command that founds one.

import { resolve } from 'node:path';
import { LOG_REPLICAS, type LogReplicas, RuntimeError } from '@starling/runtime';
import { type Command, InvalidArgumentError } from 'commander';

const SCHEME = 'nats://';

export interface LogArguments {
  readonly log?: readonly string[];
  readonly logReplicas?: LogReplicas;
  readonly logCa?: string;
  readonly logNkeyFile?: string;
  readonly logTokenFile?: string;
}

/** Adds every option of the log to a command that founds a federation. */
export function withLogOptions(command: Command): Command {
  const copies = 'servers that keep the log: 1, 3 or 5 (default: 1)';
  return command
    .option('--log <nats://host:port,…>', 'NATS servers that keep the log, not a file', logServers)
    .option('--log-replicas <n>', copies, logReplicas)
    .option('--log-ca <file>', "certificates of the servers' authority; turns TLS on")
    .option('--log-nkey-file <file>', 'seed of the nkey that the servers know us by')
    .option('--log-token-file <file>', 'token that the servers know us by');
}

/**
 * The servers that were asked for; undefined for a log in the folder.
 * @throws {RuntimeError} `invalid-option` for an option that has no servers to go with
 */
export function logFrom(given: LogArguments) {
  const { log, logCa, logNkeyFile, logReplicas: replicas, logTokenFile } = given;
  if (logNkeyFile !== undefined && logTokenFile !== undefined) {
    const message = '--log-nkey-file or --log-token-file: the servers know us by one of them';
    throw new RuntimeError('invalid-option', message);
  }
  const rest = [replicas, logCa, logNkeyFile, logTokenFile];
  if (log === undefined) {
    if (rest.every((each) => each === undefined)) return undefined;
    const message = '--log-replicas, --log-ca, --log-nkey-file and --log-token-file go with --log';
    throw new RuntimeError('invalid-option', message);
  }
  const path = (file: string | undefined) => (file === undefined ? null : resolve(file));
  return {
    caFile: path(logCa),
    nkeyFile: path(logNkeyFile),
    replicas: replicas ?? 1,
    servers: [...log],
    tokenFile: path(logTokenFile),
  };
}

function logServers(text: string): string[] {
  const servers = text.split(',').map((each) => each.trim());
  if (servers.every((each) => each.startsWith(SCHEME) && each.length > SCHEME.length)) {
    return servers.map((each) => each.slice(SCHEME.length));
  }
  const message = 'It must be NATS servers such as nats://n1.example:4222,nats://n2.example:4222.';
  throw new InvalidArgumentError(message);
}

function logReplicas(text: string): LogReplicas {
  const replicas = LOG_REPLICAS.find((each) => String(each) === text);
  if (replicas !== undefined) return replicas;
  throw new InvalidArgumentError('It must be 1, 3 or 5: an odd number has no two halves.');
}
