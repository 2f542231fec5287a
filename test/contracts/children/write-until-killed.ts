// Writes numbered records, several at once, and prints each number once it was acknowledged.

import { writeSync } from 'node:fs';
import { openSqlitePeerStore } from '@starling/adapters';

const WRITERS = 4;

const store = openSqlitePeerStore(process.argv[2] ?? '');
for (let at = await store.count('vote'); ; at += WRITERS) {
  const keys = Array.from({ length: WRITERS }, (_, i) => String(at + i).padStart(8, '0'));
  const value = new Uint8Array(500).fill(at & 0xff);
  await Promise.all(keys.map((key) => store.putIfAbsent('vote', key, value)));
  writeSync(1, `${at + WRITERS - 1}\n`);
}
