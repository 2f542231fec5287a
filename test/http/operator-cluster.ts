// The operator API over a federation in one process, asked without a port.

import { type Leading, operatorApi } from '@starling/runtime';
import { NO_LOGGER } from '@starling/shared';
import type { MemoryCluster } from '../cluster/memory-cluster.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The API of a cluster's coordinator. */
export function apiOf(cluster: MemoryCluster) {
  const leading: Leading = {
    coordinator: cluster.coordinator,
    eventLog: cluster.eventLog,
    lookAtLog: async () => ({ detail: 'in memory', kind: 'sqlite', reachable: true, where: '-' }),
    payloads: cluster.node.payloads,
  };
  const app = operatorApi({ leading: () => leading, logger: NO_LOGGER });
  return async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await app.request(path, init);
    return { status: response.status, body: await response.json() };
  };
}
