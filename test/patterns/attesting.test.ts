import { attestationObjection } from '@starling/consensus';
import { quantised } from '@starling/learning';
import type { Digest, Pattern, PatternAttestation } from '@starling/shared';
import { encode } from '@starling/training';
import test from 'ava';
import { ENCODER, featuresOf, PatternSite, queryOf, RULES, wirePattern } from './pattern-site.ts';

const ID = 'cd'.repeat(32) as Digest;

function everywhere(site: PatternSite, change: Partial<Pattern> = {}): Pattern {
  const query = encode(ENCODER, site.generation.parameters, featuresOf(queryOf('north', 0)));
  return wirePattern(quantised(query, RULES.centroidScale), change);
}

test('a pattern that another site learned is measured here, and its numbers bear the verdict', async (t) => {
  const north = await PatternSite.open(t, 'north');
  const south = await PatternSite.open(t, 'south');
  const learner = await north.start(t, { rehearse: true });
  const { candidates } = await north.settled(learner.learnNow());
  const judge = await south.start(t);
  t.true(candidates.length > 0);
  for (const { pattern } of candidates) {
    const { collection, proposal, ...measured } = await south.settled(judge.attest(ID, pattern));
    t.deepEqual([collection, proposal], ['documents', ID]);
    t.is(attestationObjection(measured, pattern, RULES), undefined);
  }
});

test('each verdict comes with numbers that the ledger takes', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const patterns = await site.start(t);
  const cases: readonly [PatternAttestation['verdict'], Partial<Pattern>][] = [
    ['accept', {}],
    ['reject', { efSearch: 400 }],
    ['abstain', { radius: 1 }],
    ['abstain', { efSearch: 10, k: 10, expectedRecallMicros: 0 }],
    ['abstain', { centroid: new Uint8Array(8) }],
  ];
  for (const [verdict, change] of cases) {
    const pattern = everywhere(site, change);
    const attestation = await site.settled(patterns.attest(ID, pattern));
    t.is(attestation.verdict, verdict, JSON.stringify(change));
    t.is(attestationObjection(attestation, pattern, RULES), undefined);
  }
});

test('a pattern that serves this site worse is vetoed here until it serves it well', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const patterns = await site.start(t);
  await site.settled(patterns.attest(ID, everywhere(site, { efSearch: 400 })));
  t.like(patterns.vetoes.get(ID), { by: 'measurement' });
  await site.settled(patterns.attest(ID, everywhere(site)));
  t.false(patterns.vetoes.has(ID));
});

test("an operator's veto survives a restart, a measurement, and ends when it is lifted", async (t) => {
  const site = await PatternSite.open(t, 'north');
  await (await site.start(t)).veto(ID, 'not ours');
  const again = await site.start(t);
  t.like(again.vetoes.get(ID), { by: 'operator', reason: 'not ours' });
  await site.settled(again.attest(ID, everywhere(site)));
  await site.settled(again.attest(ID, everywhere(site, { efSearch: 400 })));
  t.like(again.vetoes.get(ID), { by: 'operator' });
  t.true(await again.unveto(ID));
  t.false(await again.unveto(ID));
  t.is((await site.start(t)).vetoes.size, 0);
});

test('final patterns say how wide a site searches, if it uses them and has no veto', async (t) => {
  const site = await PatternSite.open(t, 'north', { documents: 60 });
  const final = [{ id: ID, pattern: everywhere(site), boundMicros: 800_000 }];
  const features = featuresOf(queryOf('north', 3));
  const without = await site.start(t);
  without.setFinal(final);
  t.is(without.efSearchFor(features, 10, 64), 64);

  const patterns = await site.start(t, { use: true });
  t.is(patterns.efSearchFor(features, 10, 64), 64);
  patterns.setFinal(final);
  t.is(patterns.efSearchFor(features, 10, 64), 48);
  t.is(patterns.efSearchFor(features, 11, 64), 64);
  t.is(patterns.efSearchFor(featuresOf(''), 10, 64), 64);
  await patterns.veto(ID, 'for a test');
  t.is(patterns.efSearchFor(features, 10, 64), 64);
  await patterns.unveto(ID);
  t.is(patterns.efSearchFor(features, 10, 64), 48);
  patterns.setFinal([]);
  t.is(patterns.efSearchFor(features, 10, 64), 64);
  t.like(patterns.status(), { use: true, propose: false, final: 0, vetoed: 0, guided: 2 });
});

test('a search goes on as usual when a look-up fails', async (t) => {
  const site = await PatternSite.open(t, 'north', { documents: 60 });
  const patterns = await site.start(t, { use: true });
  patterns.setFinal([{ id: ID, pattern: everywhere(site), boundMicros: 0 }]);
  t.is(patterns.efSearchFor({ ...featuresOf('heron'), buckets: 7 }, 10, 64), 64);
});
