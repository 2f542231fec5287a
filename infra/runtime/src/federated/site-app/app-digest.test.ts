import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { appDigest } from './app-digest.ts';

test('copies of an app have one digest, whatever data a site has; a changed file changes it', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'starling-digest-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const [one, other] = [join(home, 'one'), join(home, 'other')];
  mkdirSync(join(one, 'parts'), { recursive: true });
  writeFileSync(join(one, 'app.ts'), 'export const a = 1;\n');
  writeFileSync(join(one, 'parts', 'b.ts'), 'export const b = 2;\n');
  const digest = await appDigest(one);
  cpSync(one, other, { recursive: true });
  for (const own of ['data', 'node_modules', '.git']) {
    mkdirSync(join(other, own));
    writeFileSync(join(other, own, 'patients.csv'), 'age\n54\n');
  }
  t.is(await appDigest(other), digest);
  writeFileSync(join(other, 'parts', 'b.ts'), 'export const b = 3;\n');
  t.not(await appDigest(other), digest);
  writeFileSync(join(other, 'parts', 'b.ts'), 'export const b = 2;\n');
  writeFileSync(join(other, 'parts', 'c.ts'), '');
  t.not(await appDigest(other), digest);
});
