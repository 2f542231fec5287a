import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { ACVP_SETS, VECTORS } from './vectors-fixture.ts';

test('no set of official vectors beside the repository is left out', (t) => {
  const folder = resolve(VECTORS, 'acvp');
  if (!existsSync(folder)) {
    t.log('skipped: the ACVP sets, they are not on this machine');
    t.pass();
    return;
  }
  t.deepEqual(readdirSync(folder).sort(), [...ACVP_SETS]);
});
