// A federation that the runtime founded with the engine snow, in one process and over real channels.

import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  addDocumentsOffline,
  createCoordinator,
  createSiteFolder,
  joinSite,
  LocalClient,
  runCoordinator,
  runPeer,
} from '@starling/runtime';
import type { ChainEngine } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { documentsOf, lightTask } from './chain-federation.ts';

const LISTEN = ['/ip4/127.0.0.1/tcp/0'];
const SITES = ['north', 'south', 'east', 'west'];
const CHECK_MS = 50;
const FOUR: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 0,
  parameters: { k: 3, alphaPreference: 2, alphaConfidence: 3, beta: 1 },
  targetExponent: 15,
};

/** Founded, joined and started; resolves to a client of the coordinator and one of each site. */
async function founded(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const home = join(folder, 'coordinator');
  const quiet = { listen: LISTEN, logLevel: 'error' } as const;
  await createCoordinator({ ...quiet, home, name: 'snow', task: lightTask(), chainEngine: FOUR });
  const running = await runCoordinator(home);
  t.teardown(() => running.stop());
  const coordinator = await LocalClient.open(home);
  const homes = SITES.map((site) => join(folder, site));
  for (const [i, site] of SITES.entries()) {
    const at = homes[i] ?? '';
    await createSiteFolder(at, { ...quiet, version: 1, role: 'peer', site });
    await joinSite(at, await coordinator.invite(site));
    await addDocumentsOffline(at, documentsOf(i));
  }
  const peers = await Promise.all(homes.map((at) => runPeer(at)));
  t.teardown(() => Promise.all(peers.map((peer) => peer.stop())));
  const sites = await Promise.all(homes.map((at) => LocalClient.open(at)));
  return { coordinator, sites };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(CHECK_MS);
}

test.serial('a federation that was founded with polls decides by them', async (t) => {
  t.timeout(120_000);
  const { coordinator, sites } = await founded(t);
  await until(async () => {
    return (await coordinator.coordinatorStatus()).members.every(({ ready }) => ready);
  });
  await coordinator.planRounds(1, SITES.length);
  const views = () => Promise.all(sites.map((site) => site.consensus()));
  await until(async () => (await views()).every(({ status }) => status.height > 0));
  for (const { decisions, status } of await views()) {
    t.like(status, { engine: 'snow', epoch: 1 });
    t.deepEqual(
      decisions.map(({ entries, finality, polled }) => [entries[0]?.kind, finality, polled?.k]),
      [['model', 'metastable', 3]],
    );
  }
});
