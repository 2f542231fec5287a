// Hears messages of two senders and prints the number of each one that it took for fresh.

import { writeSync } from 'node:fs';
import { openSqlitePeerStore } from '@starling/adapters';
import { DurableReplayWindow } from '@starling/crypto';
import type { MemberId } from '@starling/shared';

const store = openSqlitePeerStore(process.argv[2] ?? '');
const first = Number(process.argv[3]);
const window = await DurableReplayWindow.open(store);
for (let seq = first; ; seq += 2) {
  const senders = ['a', 'b'].map((digit) => digit.repeat(64) as MemberId);
  const verdicts = await Promise.all(senders.map((sender) => window.check(sender, seq)));
  if (verdicts.some((verdict) => verdict !== 'fresh')) throw new Error(`${seq}: ${verdicts}`);
  writeSync(1, `${seq}\n`);
}
