// A connection to NATS as our adapters want it: kept up for ever, authenticated, with TLS on demand.

import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { EventLogError } from '@starling/shared';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';

const CONNECT_WITHIN_MS = 10_000;
const RECONNECT_AFTER_MS = 500;
const PING_MS = 10_000;
/** The post-quantum group where the server has it. */
const GROUPS = 'X25519MLKEM768:X25519:P-256';

export interface NatsOptions {
  /** `host:port` of each server of the cluster. */
  readonly servers: readonly string[];
  /** Name of the client in the servers' logs. */
  readonly name: string;
  readonly token?: string;
  readonly user?: { readonly name: string; readonly password: string };
  /** File with the seed of a user nkey. */
  readonly nkeyFile?: string;
  /** File with the certificates of the servers' authority; TLS is used when it is given. */
  readonly caFile?: string;
}

/** @throws {EventLogError} `storage` when no server answers or lets us in. */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { caFile, name, nkeyFile, servers, token, user } = options;
  try {
    const seed = nkeyFile === undefined ? undefined : await readFile(nkeyFile, 'utf8');
    const authority = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
    return await connect({
      servers: [...servers],
      name,
      timeout: CONNECT_WITHIN_MS,
      pingInterval: PING_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_AFTER_MS,
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user: user.name, pass: user.password }),
      ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(Buffer.from(seed.trim())) }),
      ...(authority === undefined ? {} : { tls: tlsFor(servers, authority) }),
    });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EventLogError('storage', `NATS at ${servers.join(', ')}: ${detail}`, { cause });
  }
}

/**
 * The client compares certificates with `localhost` when it was given an address, and with the name
 * of another server when one of them tells of it; here one must name any of the configured servers.
 */
function tlsFor(servers: readonly string[], ca: string) {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
  return {
    ca,
    // The bus restricts the process to its own group, which servers of today may not have.
    ecdhCurve: GROUPS,
    checkServerIdentity: (_host: string, certificate: PeerCertificate): Error | undefined => {
      const refusals = hosts.map((host) => checkServerIdentity(host, certificate));
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
  };
}
