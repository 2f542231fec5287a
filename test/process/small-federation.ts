// A coordinator and three sites in this process, on real ports and disks, that have run some rounds.

import { join } from 'node:path';
import {
  addDocumentsOffline,
  createCoordinator,
  createSiteFolder,
  joinSite,
  LocalClient,
  type RunningCoordinator,
  type RunningPeer,
  runCoordinator,
  runPeer,
} from '@starling/runtime';
import type { ExecutionContext } from 'ava';
import { freePort } from '../contracts/nats-servers.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { documentsOf, lightTask } from './chain-federation.ts';
import { until } from './launched.ts';

const SITES = ['north', 'south', 'east'];

export interface SmallFederation {
  readonly folder: string;
  readonly home: string;
  readonly siteHomes: readonly string[];
  /** Those that run; a test replaces what it starts anew. */
  coordinator: RunningCoordinator;
  readonly peers: RunningPeer[];
}

/** @returns the home of a coordinator that does not run */
export async function foundCoordinator(folder: string): Promise<string> {
  const home = join(folder, 'coordinator');
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`];
  await createCoordinator({ home, listen, logLevel: 'error', name: 'flock', task: lightTask() });
  return home;
}

/** Everything ends with the test. */
export async function smallFederation(t: ExecutionContext): Promise<SmallFederation> {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(folder);
  const coordinator = await runCoordinator(home, undefined, { listen: '127.0.0.1:0' });
  const peers: RunningPeer[] = [];
  const siteHomes: string[] = [];
  const federation = { coordinator, folder, home, peers, siteHomes };
  t.teardown(async () => {
    await Promise.all(peers.map((peer) => peer.stop()));
    await federation.coordinator.stop();
  });
  for (const [i, site] of SITES.entries()) {
    const siteHome = join(folder, site);
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    const config = { listen, logLevel: 'error', version: 1, role: 'peer', site } as const;
    await createSiteFolder(siteHome, config);
    await joinSite(siteHome, await (await LocalClient.open(home)).invite(site));
    await addDocumentsOffline(siteHome, documentsOf(i));
    peers.push(await runPeer(siteHome));
    siteHomes.push(siteHome);
  }
  return federation;
}

/** Plans rounds until this many were run, and waits until every site has the last one's version. */
export async function runRounds(
  { home, siteHomes }: SmallFederation,
  rounds: number,
): Promise<void> {
  await (await LocalClient.open(home)).planRounds(rounds, SITES.length);
  await until(`every site has version ${rounds}`, async () => {
    for (const siteHome of siteHomes) {
      const { model } = await (await LocalClient.open(siteHome)).peerStatus();
      if (model.version !== rounds) return undefined;
    }
    return true;
  });
}
