// The federated model on the page of the training room, as a reader would run it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simulateApp } from '@starling/runtime';
import test from 'ava';
import { client, server } from './own-model.ts';

const PAGE = join(import.meta.dirname, '../..', 'node/training/README.md');

test('the page shows a federated model of forty lines, and it learns', async (t) => {
  const source = await readFile(join(import.meta.dirname, 'own-model.ts'), 'utf8');
  const page = await readFile(PAGE, 'utf8');
  t.true(page.includes(`\`\`\`ts\n${source}\`\`\``), 'the page has other code');
  t.true(source.trimEnd().split('\n').length <= 40);
  const runConfig = { 'num-server-rounds': 20, 'local-epochs': 5, 'learning-rate': 0.2 };
  const { rounds } = await simulateApp({ client, server, nodes: 8, runConfig });
  const [first, last] = [rounds[0], rounds.at(-1)].map((round) => round?.evaluate['accuracy']);
  t.true(Number(first) < 0.8 && Number(last) > 0.95, `${first} → ${last}`);
});
