// Updates that a site trains again, and holds against what it committed to in a signed message.

import test from 'ava';
import { alteredTrainer, isAmong, signedCommitment, trainedCluster } from './committed-site.ts';
import { MASKED, MemoryCluster } from './memory-cluster.ts';
import { sampleDocuments } from './sample-documents.ts';
import { Wiretap } from './wiretap.ts';

/** Every parameter of a second fit, and of all after it, is larger by this share. */
function grownBy(share: number): (parameters: Float32Array, fit: number) => void {
  return (parameters, fit) => {
    if (fit === 0) return;
    for (let i = 0; i < parameters.length; i++) parameters[i] = (parameters[i] ?? 0) * (1 + share);
  };
}

test('a plain update is the committed one bit for bit, though documents came later', async (t) => {
  const { cluster, site } = await trainedCluster(t, 2);
  await site.peer.add(sampleDocuments('later', 30));
  const signed = signedCommitment(cluster, site);
  const found = await site.peer.verification.update(2, signed);
  t.like(found, { holds: true, verdict: 'exact', commitment: signed });
  t.deepEqual(found.recomputed, found.committed);
  t.like(found.differences, { coordinates: 0, maxAbsolute: 0, relativeNorm: 0 });
  t.true(found.data.documents < site.peer.status().documents.train);
  const { rounds } = await cluster.coordinator.status();
  const listed = rounds[1]?.commitments.find(({ member }) => member === site.identity.member);
  t.is(listed?.commitment, signed);
  const first = await site.peer.verification.update(1, undefined);
  t.is(first.verdict, 'exact');
  t.deepEqual([first.base.version, found.base.version], [0, 1]);
  const [, other] = cluster.sites;
  if (other === undefined) return t.fail('a cluster has sites');
  const wrong = await site.peer.verification.update(2, signedCommitment(cluster, other));
  t.like(wrong, { holds: false, verdict: 'not-committed', recomputed: null });
});

test('a masked round says nothing of an update but a digest that no guess can be held against', async (t) => {
  const wiretap = new Wiretap();
  const options = { aggregation: MASKED, wrapBus: wiretap.wrap };
  const { cluster, site } = await trainedCluster(t, 1, options);
  const [kept] = await site.peer.verification.trainings();
  if (kept === undefined) return t.fail('nothing was kept');
  t.true(isAmong(wiretap.heard, kept.commitment));
  t.false(isAmong(wiretap.heard, kept.record.delta));
  t.false(isAmong(wiretap.heard, kept.record.data));
  t.false(isAmong(wiretap.heard, Buffer.from(kept.salt).toString('hex')));
  t.is(site.peer.status().model.version, 1);
  const commitments = cluster.sites.map((each) => signedCommitment(cluster, each));
  t.is(new Set(commitments).size, 3);
  const found = await site.peer.verification.update(1, signedCommitment(cluster, site));
  t.like(found, { holds: true, verdict: 'exact' });
});

test('an update that its training does not give is found out; a native one has a tolerance', async (t) => {
  const cluster = await MemoryCluster.found(t);
  await cluster.admitAll();
  const [liar, near, far] = cluster.sites;
  if (liar === undefined || near === undefined || far === undefined) return t.fail('no sites');
  liar.createTrainer = alteredTrainer((parameters, fit) => {
    if (fit === 0) parameters[5] = (parameters[5] as number) + 0.25;
  });
  near.createTrainer = alteredTrainer(grownBy(1e-6), 'native');
  far.createTrainer = alteredTrainer(grownBy(0.2), 'native');
  for (const each of cluster.sites) await each.start();
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const lie = await liar.peer.verification.update(1, signedCommitment(cluster, liar));
  t.like(lie, { holds: false, verdict: 'differs' });
  t.is(lie.differences?.coordinates, 1);
  t.true(Math.abs((lie.differences?.maxAbsolute ?? 0) - 0.25) < 1e-6);
  const within = await near.peer.verification.update(1, undefined);
  t.like(within, { holds: true, verdict: 'within-tolerance' });
  t.true((within.differences?.maxAbsolute ?? 0) > 0);
  const beyond = await far.peer.verification.update(1, undefined);
  t.like(beyond, { holds: false, verdict: 'differs' });
});

test('what is missing is said: the round, a document, the model', async (t) => {
  const { cluster, site } = await trainedCluster(t, 1);
  const { verification } = site.peer;
  const unknown = await t.throwsAsync(verification.update(7, undefined));
  t.like(unknown, { code: 'unknown-round' });
  t.regex(unknown?.message ?? '', /round 7 .*: 1\)/);
  const replaced = site.documents.map((document) => ({ ...document, query: `${document.query}?` }));
  await site.peer.add(replaced.slice(0, 20));
  const changed = await t.throwsAsync(verification.update(1, undefined));
  t.like(changed, { code: 'training-data-gone' });
  t.regex(
    changed?.message ?? '',
    /^\d+ of the \d+ documents .* have another query now: site1\/\d+\.md/,
  );
  await site.peer.add(site.documents.slice(0, 20));
  t.is((await verification.update(1, undefined)).verdict, 'exact');
  for (const { payloads } of [...cluster.sites, cluster.node]) await payloads.retain(new Set());
  await t.throwsAsync(verification.update(1, undefined), { code: 'model-unavailable' });
});
