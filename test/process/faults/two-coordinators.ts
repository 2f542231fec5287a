// Two coordinators of one federation on the same NATS servers, each behind a door of the network.

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createCoordinator, demoTask, LocalClient } from '@starling/runtime';
import type { EncoderShape } from '@starling/shared';
import { freePort } from '../../contracts/nats-servers.ts';
import { changeConfig } from './change-config.ts';
import type { LoopbackNetwork } from './loopback-network.ts';
import { ServedProcess } from './served-process.ts';

const NAMES = ['one', 'other'] as const;
const LEASE_MS = 2_000;
/** A site that is started again within it is waited for. */
const OFFLINE_GRACE_MS = 15_000;
/** One that is there and says nothing is not waited for longer. */
const TRAINING = { startMs: 45_000, minMs: 45_000 };

export interface Coordinators {
  readonly processes: readonly ServedProcess[];
  /** Names the log among those of the servers. */
  readonly stream: string;
}

/** Founds the federation; neither of them runs yet. */
export async function foundTwoCoordinators(
  home: string,
  servers: readonly string[],
  encoder: EncoderShape,
  network: LoopbackNetwork,
): Promise<Coordinators> {
  const ports = await Promise.all(NAMES.map(() => freePort()));
  const doors: string[] = [];
  for (const [i, name] of NAMES.entries()) {
    doors.push(loopback(await network.open(name, ports[i] ?? 0)));
  }
  const [first, second] = NAMES.map((name) => join(home, name)) as [string, string];
  await createCoordinator({
    announce: doors,
    home: first,
    listen: [loopback(0)],
    log: { leaseMs: LEASE_MS, replicas: 3, servers: [...servers] },
    name: 'flock',
    schedule: { grace: { offlineMs: OFFLINE_GRACE_MS }, training: TRAINING },
    task: { ...demoTask(1), encoder },
  });
  await cp(first, second, { recursive: true });
  let stream = '';
  for (const [i, folder] of [first, second].entries()) {
    const { log } = await changeConfig(folder, { listen: [loopback(ports[i] ?? 0)] });
    stream = (log as { stream: string }).stream;
  }
  const processes = NAMES.map((name) => new ServedProcess(name, join(home, name), 'coordinator'));
  return { processes, stream };
}

/** Undefined while it stands by, starts, or does not run. */
export async function leadingStatus(home: string): Promise<LeadingStatus | undefined> {
  try {
    return await (await LocalClient.open(home)).coordinatorStatus();
  } catch {
    return undefined;
  }
}

type LeadingStatus = Awaited<ReturnType<LocalClient['coordinatorStatus']>>;

export function loopback(port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}`;
}
