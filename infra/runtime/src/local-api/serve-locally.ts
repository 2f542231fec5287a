// The local API listens on a loopback port of the system's choice; `control.json`, which only the
// owner reads, holds the port and a bearer token.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono, MiddlewareHandler } from 'hono';
import { type ControlFile, removeControl, writeControl } from './control-file.ts';

export interface LocalServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves an API until `stop`; the file disappears with it. */
export async function serveLocally(
  home: string,
  role: ControlFile['role'],
  api: (token: string) => Hono,
): Promise<LocalServer> {
  const token = randomBytes(32).toString('base64url');
  const app = api(token);
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
      resolve(listening);
    });
    listening.once('error', reject);
  });
  const { port } = server.address() as AddressInfo;
  await writeControl(home, { pid: process.pid, port, role, token });
  return {
    port,
    stop: async () => {
      await removeControl(home);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** Refuses every request without the token, in constant time. */
export function requireToken(token: string): MiddlewareHandler {
  const expected = Buffer.from(`Bearer ${token}`);
  return async (context, next) => {
    const given = Buffer.from(context.req.header('authorization') ?? '');
    const known = given.length === expected.length && timingSafeEqual(given, expected);
    if (!known)
      return context.json({ code: 'unauthorised', error: 'a bearer token is needed' }, 401);
    await next();
    return undefined;
  };
}
