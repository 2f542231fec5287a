// The operator API on a port: plain on loopback, by TLS elsewhere.

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Logger } from '@starling/shared';
import { dashboardRoutes } from '../dashboard/dashboard-routes.ts';
import { RuntimeError } from '../runtime-error.ts';
import { readSecretFile } from '../secret-path.ts';
import { assertPrivate, type HttpConfig, hostOf, isLoopback, portOf } from './http-config.ts';
import { type OperatorApiParts, operatorApi } from './operator-api.ts';

/** Connections at once; further ones are closed. */
export const CONNECTIONS_MAX = 512;
/** For programs and browsers that do not speak the hybrid group yet. */
const TLS_GROUPS = 'X25519MLKEM768:X25519:P-256';

export interface OperatorServer {
  /** Where it listens, such as http://127.0.0.1:8080. */
  readonly url: string;
  stop(): Promise<void>;
}

export type OperatorServerParts = Omit<OperatorApiParts, 'addressOf' | 'isTls' | 'page'>;

/**
 * Listens until `stop`.
 * @throws {RuntimeError} `invalid-config` for an address that is taken or not private, or for files
 *   that are no certificate and key; `not-a-site`, `unsafe-key-file`
 */
export async function startOperatorServer(
  config: HttpConfig,
  parts: OperatorServerParts,
): Promise<OperatorServer> {
  assertPrivate(config);
  const { insecure, listen, tls } = config;
  if (insecure && tls === null && !isLoopback(hostOf(listen))) warnOpen(parts.logger, listen);
  const secrets = tls === null ? undefined : await readTls(parts.home, tls);
  const app = operatorApi({
    ...parts,
    addressOf: (context) => getConnInfo(context).remote.address ?? 'unknown',
    isTls: secrets !== undefined,
    page: await dashboardRoutes(),
  });
  app.route('/', await dashboardRoutes());
  const options = {
    fetch: app.fetch,
    hostname: hostOf(listen),
    port: portOf(listen),
  };
  const server = await new Promise<Server>((ready, reject) => {
    const made =
      secrets === undefined
        ? serve({ ...options, createServer }, () => ready(made as Server))
        : serve({ ...options, createServer: createTlsServer, serverOptions: secrets }, () =>
            ready(made as Server),
          );
    made.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(listen, cause)));
  });
  server.maxConnections = CONNECTIONS_MAX;
  const { port } = server.address() as AddressInfo;
  const host = hostOf(listen);
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${secrets === undefined ? 'http' : 'https'}://${shown}:${port}`,
    stop: async () => {
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}

function warnOpen(logger: Logger, listen: string): void {
  logger.warn('the operator API has no TLS: whoever sees the traffic has the tokens', { listen });
}

/** @throws {RuntimeError} */
async function readTls(home: string, tls: NonNullable<HttpConfig['tls']>) {
  const certFile = resolve(home, tls.cert);
  const cert = await readFile(certFile, 'utf8').catch((cause: unknown) => {
    const message = `http.tls.cert: ${certFile} cannot be read: name a PEM file`;
    throw new RuntimeError('invalid-config', message, { cause });
  });
  const key = await readSecretFile(resolve(home, tls.key));
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `http.tls: ${tls.cert} and ${tls.key} are no certificate with its key (${detail})`;
    throw new RuntimeError('invalid-config', message, { cause });
  }
  return { cert, key, ecdhCurve: TLS_GROUPS, minVersion: 'TLSv1.3' } as const;
}

function cannotListen(listen: string, cause: NodeJS.ErrnoException): RuntimeError {
  const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
  const message = `http.listen is ${listen}: ${why}; choose another address`;
  return new RuntimeError('invalid-config', message, { cause });
}
