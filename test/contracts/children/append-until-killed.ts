// Appends numbered events and prints each number once its append was acknowledged.

import { writeSync } from 'node:fs';
import { openSqliteEventLog } from '@starling/adapters';

const log = openSqliteEventLog(process.argv[2] ?? '');
for (let head = await log.head(); ; head++) {
  const payload = Buffer.from(String(head + 1).padEnd(700, '.'));
  await log.append([{ atMs: head, type: 'test', payload }], head);
  writeSync(1, `${head + 1}\n`);
}
