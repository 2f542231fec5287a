// Signs two statements for each round at once and prints the round and which of the two it recorded.

import { writeSync } from 'node:fs';
import { openSqlitePeerStore } from '@starling/adapters';
import { SpentMarks } from '@starling/peer';
import { spentMark } from '../spent-mark.ts';

const marks = await SpentMarks.open(openSqlitePeerStore(process.argv[2] ?? ''));
for (let round = marks.highWater().round + 1; ; round++) {
  const [first, second] = await Promise.all([
    marks.record(spentMark(round, 1)),
    marks.record(spentMark(round, 2)),
  ]);
  if (!first.ok || second.ok) throw new Error(`round ${round}: ${first.ok}, ${second.ok}`);
  writeSync(1, `${round}\n`);
}
