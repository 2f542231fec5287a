import type { PatternCandidate } from '@starling/peer';
import { type Digest, decodeCanonical, encodeCanonical, patternProposal } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { PatternSite, RULES } from './pattern-site.ts';

const OTHER = 'ab'.repeat(32) as Digest;

async function learned(t: ExecutionContext, site: PatternSite) {
  return site.settled((await site.start(t, { rehearse: true })).learnNow());
}

test('what a site learned of its queries can be proposed as it is', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const { candidates, queries } = await learned(t, site);
  t.true(queries > 400 && candidates.length > 0);
  for (const { pattern, supersedes } of candidates) {
    const proposal = { author: '0'.repeat(64), height: 0, parents: [], pattern, supersedes };
    const decoded = decodeCanonical(encodeCanonical(proposal as never), 8192);
    t.true(decoded.ok && patternProposal.schema.safeParse(decoded.value).success);
    t.true(pattern.queries >= RULES.attestQueriesMin);
    t.true(pattern.efSearch < site.generation.efSearch);
  }
});

test('nothing is learned from the queries by which other sites are judged', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const patterns = await site.start(t);
  const { documents } = site.collection;
  const { targets } = site.collection.split('test');
  for (const row of targets) await site.ask(patterns, documents[row]?.query ?? '');
  t.is((await site.settled(patterns.learnNow())).queries, 0);
  await site.ask(patterns, 'a question of its own');
  t.is((await site.settled(patterns.learnNow())).queries, 1);
});

test('only a site whose operator opted in proposes, and it does so every so many queries', async (t) => {
  const proposed = async (propose: boolean) => {
    const site = await PatternSite.open(t, 'north');
    const { targets } = site.collection.split('train');
    const patterns = await site.start(t, { propose, learnEvery: targets.length });
    const heard: PatternCandidate[] = [];
    patterns.onCandidates((candidates) => heard.push(...candidates));
    const { documents } = site.collection;
    for (const row of targets) await site.ask(patterns, documents[row]?.query ?? '');
    await site.clock.advance(5_000);
    const isLearned = patterns.status().learned !== null;
    const { candidates } = await site.settled(patterns.learnNow());
    return { candidates: candidates.length, heard: heard.length, isLearned };
  };
  const { candidates } = await proposed(false);
  t.true(candidates > 0);
  t.deepEqual(await proposed(false), { candidates, heard: 0, isLearned: false });
  // In the background, and not the same again when it was told to.
  t.deepEqual(await proposed(true), { candidates, heard: candidates, isLearned: true });
});

test('a candidate near a final pattern must be better, and says whose place it takes', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const patterns = await site.start(t, { rehearse: true });
  const first = (await site.settled(patterns.learnNow())).candidates[0];
  if (first === undefined) return t.fail('nothing was learned');
  const { pattern } = first;
  const standing = async (boundMicros: number) => {
    patterns.setFinal([{ id: OTHER, pattern, boundMicros }]);
    const { candidates } = await site.settled(patterns.learnNow());
    return candidates.filter(({ supersedes }) => supersedes.includes(OTHER)).length;
  };
  const { expectedRecallMicros } = pattern;
  t.is(await standing(expectedRecallMicros - RULES.marginMicros), 1);
  t.is(await standing(expectedRecallMicros - RULES.marginMicros + 1), 0);
});

test('before the chain is open, or the index is there, learning says what it waits for', async (t) => {
  const site = await PatternSite.open(t, 'north', { documents: 60, isChainOpen: false });
  const patterns = await site.start(t);
  const error = await t.throwsAsync(site.settled(patterns.learnNow()));
  t.like(error, { code: 'not-ready' });
  t.regex(error?.message ?? '', /chain/);
});

test('a generation swapped in while a site learns is learned from instead', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const next = (await PatternSite.open(t, 'north')).generation;
  const patterns = await site.start(t, { rehearse: true });
  const learning = patterns.learnNow();
  await site.clock.advance(5);
  const former = site.generation;
  site.generations.active = next;
  await former.index.close();
  t.true((await site.settled(learning)).candidates.length > 0);
});

test('a site that stops ends its learning', async (t) => {
  const site = await PatternSite.open(t, 'north');
  const patterns = await site.start(t, { rehearse: true });
  const learning = patterns.learnNow();
  learning.catch(() => undefined);
  await site.settled(patterns.stop());
  await t.throwsAsync(learning);
  await t.throwsAsync(patterns.learnNow());
});
