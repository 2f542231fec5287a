// Stamps sequence numbers with a clock that runs this many milliseconds off, and prints each one
// that it handed out.

import { openSqlitePeerStore, SystemClock } from '@starling/adapters';
import { Sequence } from '@starling/shared';

const offMs = Number(process.argv[3]);
const clock = new SystemClock();
const shifted = Object.assign(Object.create(clock), { nowMs: () => clock.nowMs() + offMs });
const sequence = await Sequence.open(shifted, openSqlitePeerStore(process.argv[2] ?? ''));
for (;;) {
  const line = `${sequence.stamp().seq}\n`;
  await new Promise((resolve) => process.stdout.write(line, resolve));
}
