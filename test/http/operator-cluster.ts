// The operator API over a federation in one process, asked without a port.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock, PrometheusMeter } from '@starling/adapters';
import { CurrentStanding, createToken, operatorApi, type Role } from '@starling/runtime';
import { type Logger, NO_LOGGER } from '@starling/shared';
import type { ExecutionContext } from 'ava';
import type { MemoryCluster } from '../cluster/memory-cluster.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';

const CONFIG = { version: 1, role: 'coordinator', name: 'ponds', listen: ['/ip4/127.0.0.1/tcp/0'] };

/** A folder that tokens can be made for. */
export function coordinatorFolder(t: ExecutionContext): string {
  const home = temporaryFolder(t);
  writeFileSync(join(home, 'config.json'), JSON.stringify(CONFIG));
  return home;
}

/** The API of a process whose coordinator leads the cluster, or stands by without one. */
export async function operatorsOf(
  t: ExecutionContext,
  cluster?: MemoryCluster,
  logger: Logger = NO_LOGGER,
) {
  const home = coordinatorFolder(t);
  const clock = cluster?.clock ?? new ManualClock();
  const standing = new CurrentStanding();
  if (cluster !== undefined) lead(standing, cluster);
  const asks = { address: '192.0.2.1' };
  const app = operatorApi({
    ...{ clock, home, logger, standing },
    addressOf: () => asks.address,
    isTls: false,
    lookAtLog: async () => ({ detail: 'in memory', kind: 'sqlite', reachable: true, where: '-' }),
    meter: new PrometheusMeter(),
  });
  const tokenOf = (role: Role, name: string, expiresAtMs: number | null = null) => {
    return createToken(home, { expiresAtMs, name, nowMs: clock.nowMs(), role });
  };
  const request = (path: string, token?: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return app.request(path, { ...init, headers });
  };
  /** Status and JSON. */
  const ask = async (...given: Parameters<typeof request>) => {
    const response = await request(...given);
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, body, headers: response.headers };
  };
  return { app, ask, asks, clock, home, request, standing, tokenOf };
}

export function lead(standing: CurrentStanding, { coordinator, eventLog, node }: MemoryCluster) {
  const { meter, payloads } = node;
  standing.set({ kind: 'leads', coordinator, eventLog, meter, payloads });
}
