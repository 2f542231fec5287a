// The chain over real TCP: what sites decide by gossip, requests and threads that verify.

import test from 'ava';
import { type WiredSite, wiredSites } from './wired-sites.ts';

function untilSet({ chain }: WiredSite, name: string): Promise<void> {
  return new Promise((resolve) => {
    const cancel = chain.onDecided(() => {
      if (!chain.state?.settings.has(name)) return;
      cancel();
      resolve();
    });
  });
}

/** One site proposes a setting, the others agree, all decide it. */
async function decide(sites: readonly WiredSite[], name: string): Promise<void> {
  const [first, ...others] = sites as [WiredSite, ...WiredSite[]];
  for (const { chain } of sites) await chain.tick();
  const decided = Promise.all(sites.map((site) => untilSet(site, name)));
  const id = await first.chain.proposeSetting(name, 'on');
  for (const { chain } of others) await chain.approveSetting(id);
  await decided;
}

test.serial('four sites decide settings over libp2p, one after the other', async (t) => {
  t.timeout(170_000);
  const sites = await wiredSites(t, { sites: 4 });
  for (const { chain } of sites) chain.start();
  for (const name of ['a.first', 'b.second']) await decide(sites, name);
  const roots = new Set(sites.map(({ chain }) => chain.status().stateRoot));
  t.is(roots.size, 1);
  for (const { chain } of sites) t.true(chain.status().height >= 2);
  const last = sites[0]?.chain.decisions().at(-1);
  t.true((last?.signers.length ?? 0) >= 3);
});

test.serial(
  'a site that starts late takes a checkpoint, checks its root and goes on with blocks',
  async (t) => {
    t.timeout(170_000);
    const sites = await wiredSites(t, { sites: 5, rules: { checkpointEvery: 2 } });
    const [late, ...early] = sites as [WiredSite, ...WiredSite[]];
    for (const { chain } of early) chain.start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await decide(early, name);
    const caughtUp = untilSet(late, 'e');
    late.chain.start();
    await late.chain.tick();
    await caughtUp;
    const [reference] = early as [WiredSite];
    t.is(late.chain.state?.settings.size, 5);
    t.is(late.chain.status().stateRoot, reference.chain.status().stateRoot);
    t.true(late.chain.decisions().length < reference.chain.decisions().length);
    await decide([late, ...early], 'f');
    t.is(late.chain.status().stateRoot, reference.chain.status().stateRoot);
  },
);

test.serial('seven sites decide while two of them, as many as may lie, are silent', async (t) => {
  t.timeout(170_000);
  const sites = await wiredSites(t, { sites: 7 });
  const running = sites.slice(2);
  for (const { chain } of running) chain.start();
  await decide(running, 'a');
  t.is(new Set(running.map(({ chain }) => chain.status().stateRoot)).size, 1);
  t.true((running[0]?.chain.decisions().at(-1)?.signers.length ?? 0) >= 5);
});
