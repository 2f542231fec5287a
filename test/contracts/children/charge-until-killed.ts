// Charges numbered rounds and prints each number once its charge was acknowledged.

import { writeSync } from 'node:fs';
import { openSqlitePeerStore } from '@starling/adapters';
import { domainDigest, gradientCost } from '@starling/crypto';
import { DEFAULT_PRIVACY_LIMIT, PrivacyBudget } from '@starling/peer';

const COST = gradientCost({ noiseMultiplier: 1.3, rate: 0.01, steps: 7 });

const budget = await PrivacyBudget.open(
  openSqlitePeerStore(process.argv[2] ?? ''),
  DEFAULT_PRIVACY_LIMIT,
);
for (let round = budget.summary().rounds.length; ; round++) {
  const plan = domainDigest('plan', new TextEncoder().encode(String(round)));
  const charged = await budget.charge(plan, round, COST);
  if (!charged.ok) throw new Error(charged.refusal.detail);
  writeSync(1, `${round}\n`);
}
