// The budget of a folder whose site does not run.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlitePeerStore } from '@starling/adapters';
import { centralCost, domainDigest } from '@starling/crypto';
import { DEFAULT_PRIVACY_LIMIT, PrivacyBudget } from '@starling/peer';
import test, { type ExecutionContext } from 'ava';
import { privacyChangeSchema } from './privacy-limit-file.ts';
import { RuntimeError } from './runtime-error.ts';
import { createSiteFolder } from './site-folder.ts';
import { limitPrivacy, readPrivacy } from './site-privacy.ts';

const COMMON = { version: 1 as const, listen: ['/ip4/127.0.0.1/tcp/0'] };

async function newHome(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-privacy-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'home');
}

test('a site that never trained has an empty budget, and gets no store by being asked', async (t) => {
  const home = await newHome(t);
  await createSiteFolder(home, { ...COMMON, role: 'peer', site: 'north' });
  const { next, rounds, spent } = await readPrivacy(home);
  t.is(spent.example.epsilonTight, 0);
  t.deepEqual(rounds, []);
  t.is(next.withoutNoise, null);
  t.false(existsSync(join(home, 'peer.sqlite')));
});

test('what is set stays in the config, and what is not named is not touched', async (t) => {
  const home = await newHome(t);
  await createSiteFolder(home, { ...COMMON, role: 'peer', site: 'north' });
  const store = openSqlitePeerStore(home);
  const budget = await PrivacyBudget.open(store, DEFAULT_PRIVACY_LIMIT);
  const plan = domainDigest('plan', Uint8Array.of(1));
  await budget.charge(plan, 1, centralCost(5, { kind: 'all' }));
  await store.stop();
  await limitPrivacy(home, { epsilonMax: 0.2, unit: 'site' });
  const { limit, next, spent } = await limitPrivacy(home, { delta: 1e-6 });
  t.deepEqual(limit, { delta: 1e-6, epsilonMax: 0.2, unit: 'site' });
  t.is(spent.site.rounds, 1);
  t.regex(next.likeTheLast ?? '', /the limit is 0\.2/);
  const config = JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));
  t.deepEqual(config.privacy, limit);
  t.is((await limitPrivacy(home, { epsilonMax: null })).next.withoutNoise, null);
});

test("a coordinator's folder has no budget, and says who has", async (t) => {
  const home = await newHome(t);
  await createSiteFolder(home, { ...COMMON, role: 'coordinator', name: 'flock' });
  for (const asked of [readPrivacy(home), limitPrivacy(home, { epsilonMax: 1 })]) {
    const error = await t.throwsAsync(asked, { instanceOf: RuntimeError });
    t.is(error?.code, 'not-a-site');
    t.regex(error?.message ?? '', /is a coordinator's folder: /);
  }
});

test('a change that names nothing, or what is none, is refused by its path', (t) => {
  t.false(privacyChangeSchema.safeParse({}).success);
  t.false(privacyChangeSchema.safeParse({ epsilonMax: -1 }).success);
  t.false(privacyChangeSchema.safeParse({ budget: 1 }).success);
  t.deepEqual(privacyChangeSchema.parse({ delta: 0.5 }), { delta: 0.5 });
});
