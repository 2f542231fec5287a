// Every golden result of avalanchego that lies beside the repository, run again here.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { replay } from './golden-line.ts';

const FILE = resolve(import.meta.dirname, '../../../shared/vectors/avalanchego/golden.txt');
const PREFIX = 'GOLD ';
const LINES_MIN = 58;

if (existsSync(FILE)) {
  const lines = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(PREFIX));

  test('the golden file is whole', (t) => {
    t.true(lines.length >= LINES_MIN);
  });

  for (const line of lines.map((each) => each.slice(PREFIX.length).replaceAll(/ +/g, ' ').trim())) {
    test(`poll for poll: ${line.replace(/ (init|first|final)=.*/, '')}`, (t) => {
      t.is(replay(line)?.trim(), line);
    });
  }
} else {
  test.skip('poll for poll: ../shared/vectors/avalanchego/golden.txt is not here', () => {});
}
