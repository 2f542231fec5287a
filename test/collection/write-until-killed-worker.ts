// Writes the history of a seed, several writes at once, with checkpoints, compactions and erasures in
// between; prints `sent n` before and `done n` after each write, until it is killed.

import { writeSync } from 'node:fs';
import { Collection } from '@starling/index';
import { KILL_SETTINGS, operationAt, send } from './kill-history.ts';

const TOGETHER = 4;

const [folder = '', seedText = '', startText = ''] = process.argv.slice(2);
const seed = Number(seedText);
const collection = await Collection.open(folder, KILL_SETTINGS);

async function write(step: number): Promise<void> {
  writeSync(1, `sent ${step}\n`);
  await send(collection, operationAt(seed, step));
  writeSync(1, `done ${step}\n`);
}

for (let step = Number(startText); ; step += TOGETHER) {
  const writes = Array.from({ length: TOGETHER }, (_, i) => write(step + i));
  if (step % 24 === 0) void collection.compact();
  if (step % 20 === 0) void collection.checkpoint();
  if (step % 28 === 0) void collection.delete(['nobody'], { erase: 'now' });
  await Promise.all(writes);
}
