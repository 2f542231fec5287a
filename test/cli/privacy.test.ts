// `starling privacy` on a site that trained and does not run, as a person and a script see it.

import { join } from 'node:path';
import { openSqlitePeerStore } from '@starling/adapters';
import { domainDigest, gradientCost, NO_NOISE } from '@starling/crypto';
import { DEFAULT_PRIVACY_LIMIT, PrivacyBudget } from '@starling/peer';
import { createSiteFolder } from '@starling/runtime';
import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { run } from '../process/launched.ts';

const GRADIENTS = gradientCost({ noiseMultiplier: 1.1, rate: 0.05, steps: 60 });

test('spent and refused next are shown for people, and whole for programs', async (t) => {
  const home = join(temporaryFolder(t), 'north');
  const listen = ['/ip4/127.0.0.1/tcp/0'];
  await createSiteFolder(home, { version: 1, role: 'peer', site: 'north', listen });
  const store = openSqlitePeerStore(home);
  const budget = await PrivacyBudget.open(store, DEFAULT_PRIVACY_LIMIT);
  for (const [i, cost] of [NO_NOISE, GRADIENTS, GRADIENTS].entries()) {
    t.true((await budget.charge(domainDigest('plan', Uint8Array.of(i)), i + 1, cost)).ok);
  }
  await store.stop();

  const set = await run(t, 'privacy', 'set', '--epsilon', '6', '--home', home);
  t.is(set.code, 0, set.stderr);
  t.regex(set.stdout, /^limit +ε 6 for one example, δ 0\.00001$/m);
  t.regex(set.stdout, /1 round without noise for one example: no ε holds what they showed/);
  t.regex(set.stdout, /^next round +without noise: refused$/m);
  t.regex(set.stdout, /^next round +like the last: (taken, \d+ more fit|refused)/m);
  t.regex(set.stdout, /refused below noise multiplier \d+\.\d\d/);
  t.regex(set.stdout, /2 +dp-sgd 1\.1, rate 0\.05, 60 steps/);
  const { stdout } = await run(t, 'privacy', '--home', home, '--format', 'json');
  const summary = JSON.parse(stdout);
  const spent = GRADIENTS.curves.example.times(2).epsilon(1e-5, 'tight').epsilon;
  t.is(summary.spent.example.epsilonTight, spent);
  t.is(summary.rounds.length, 3);
  t.is(summary.limit.epsilonMax, 6);
});
