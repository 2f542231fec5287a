// A federation that trains an app's model in place of the encoder, in one process.

import { quorumSize } from '@starling/consensus';
import { appStrategy, decodeVersion } from '@starling/rules';
import { euclideanNorm } from '@starling/shared';
import test from 'ava';
import { MASKED, type MemoryCluster } from './memory-cluster.ts';
import { sampleDocuments } from './sample-documents.ts';
import { TOY_START, ToyApp, toyCluster, toyTask } from './toy-app.ts';

/** Two rounds to their end; every site holds the last version. */
async function run(cluster: MemoryCluster): Promise<void> {
  for (const site of cluster.sites) await site.start();
  await cluster.coordinator.planRounds(2, cluster.sites.length);
  await cluster.untilFinished();
}

async function finalModel(cluster: MemoryCluster) {
  const { model } = cluster.replay().versions.at(-1) ?? {};
  if (model === undefined) throw new Error('no version was made');
  const bytes = await cluster.node.payloads.fetch(model, { providers: [] });
  const version = decodeVersion(bytes, TOY_START.length);
  if (!version.ok) throw new Error(version.refusal.detail);
  return version.value;
}

/** Half the way to the mean target by examples, twice. */
function expected(start: number): number {
  const mean = (10 * 0 + 20 * 1 + 30 * 2) / 60;
  return mean + (start - mean) / 4;
}

for (const [name, aggregation] of [
  ['plain', { mode: 'plain' }],
  ['masked', MASKED],
] as const) {
  test(`three sites train an app's model in ${name} rounds, weighted by examples`, async (t) => {
    const task = toyTask('FedProx', { 'proximal-mu': 0.5 });
    const { apps, cluster } = await toyCluster(t, task, { aggregation });
    await run(cluster);
    const { parameters, state } = await finalModel(cluster);
    const wanted = TOY_START.map(expected);
    const apart = euclideanNorm(parameters.map((value, i) => value - (wanted[i] ?? 0)));
    t.true(apart < 1e-4, `${apart} apart`);
    t.deepEqual(state, {});
    const [first, second] = apps[0]?.asked ?? [];
    t.deepEqual(first?.weights, TOY_START);
    t.like(first?.config, { 'proximal-mu': 0.5, 'local-epochs': 1, 'server-round': 1 });
    t.not(first?.seed, second?.seed);
    const [site] = cluster.sites;
    await cluster.until('scores', () => site?.peer.status().app?.scores.length === 2);
    t.like(site?.peer.status().app?.scores.at(-1), { version: 2 });
    const proved = await site?.peer.verification.round(2);
    t.true(proved?.ok);
    const update = await site?.peer.verification.update(2, undefined);
    t.like(update, { holds: true, verdict: 'exact', engine: { name: 'app' } });
  });
}

test('the memory of an adaptive strategy goes from version to version, and voters recompute it', async (t) => {
  const { cluster } = await toyCluster(t, toyTask('FedAdam', { eta: 0.1 }));
  const [site] = cluster.sites;
  if (site !== undefined) site.documents = sampleDocuments('site1', 20);
  await run(cluster);
  const { state } = await finalModel(cluster);
  t.deepEqual(Object.keys(state).sort(), ['first-moment', 'second-moment', 'steps']);
  t.is(state['steps']?.[0], 2);
  // Votes that come after the quorum are not recorded, so each site is asked whether it agrees.
  for (const { peer } of cluster.sites) t.like(await peer.verification.round(2), { ok: true });
  const voters = [...(cluster.replay().round?.votes.keys() ?? [])];
  const members = cluster.sites.map(({ identity }) => identity.member);
  t.true(voters.length >= quorumSize(3) && voters.every((voter) => members.includes(voter)));
  await cluster.until('an index', () => site?.peer.status().index !== null);
  t.is((await site?.peer.search('song of a wren', 3))?.length, 3, 'documents are searched beside');
});

test('an app that answers what is no model loses its contribution with a reason, not the round', async (t) => {
  const { apps, cluster } = await toyCluster(t, toyTask('FedAvg'));
  const [broken, short] = apps as [ToyApp, ToyApp];
  broken.answer = (weights) => weights.map(() => Number.NaN);
  short.answer = (weights) => weights.slice(1);
  for (const site of cluster.sites) await site.start();
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilEvent('round-failed');
  const { rounds } = await cluster.coordinator.status();
  const reasons = rounds[0]?.withdrawals.map(({ reason }) => reason).sort();
  t.deepEqual(reasons, ['non-finite-parameter', 'shape-mismatch']);
});

test('a site without the app, with other files or another start does not start', async (t) => {
  const { apps, cluster } = await toyCluster(t, toyTask('FedAvg'));
  const [site] = cluster.sites;
  const [app] = apps;
  if (site === undefined || app === undefined) return t.fail('a cluster has sites');
  const refused = (message: RegExp) => t.throwsAsync(site.start(), { code: 'wrong-app', message });
  app.start = Float32Array.of(1, 2, 3, 4);
  await refused(/starts from 4 weights .* must follow from the seed alone/);
  await site.close();
  site.app = Object.assign(new ToyApp(0, 1), { digest: '0'.repeat(64) });
  await refused(/has other files \(0000000000000000\)/);
  await site.close();
  site.app = undefined;
  await refused(/trains the app "toy": start the site with --app/);
  await site.close();
});

test('what needs single updates is refused under masks, and offered over the means of groups', (t) => {
  const strategy = (
    name: string,
    options = {},
    aggregation: Parameters<typeof appStrategy>[1] = MASKED,
  ) => appStrategy(toyTask(name, options), aggregation);
  t.throws(() => strategy('Krum'), { code: 'needs-updates', message: /group-size/ });
  t.notThrows(() => strategy('Krum', { 'group-size': 3 }));
  t.notThrows(() => strategy('Krum', {}, { mode: 'plain' }));
  for (const name of ['SCAFFOLD', 'FedNova', 'QFedAvg', 'FedBuff']) {
    t.throws(() => strategy(name, {}, { mode: 'plain' }), { code: 'needs-updates' }, name);
  }
  t.throws(() => strategy('FedAvg', { 'fraction-train': 0.5 }), { message: /asks every site/ });
  t.throws(() => strategy('FedSum'), { code: 'unknown-strategy' });
});
