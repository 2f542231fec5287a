import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenBackends } from '@starling/crypto';
import test from 'ava';
import { examine } from './doctor.ts';

test('the doctor names the backend of signatures, key encapsulation and symmetric parts', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'starling-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const found = new Map((await examine(home)).map((check) => [check.name, check]));
  const { signatures, kem } = chosenBackends();
  t.regex(found.get('signatures')?.found ?? '', new RegExp(`^ML-DSA-65 by ${signatures}`));
  t.regex(found.get('kem')?.found ?? '', new RegExp(`^X-Wing by ${kem}`));
  t.is(found.get('symmetric')?.found, 'HKDF, AES-256-GCM, ChaCha20, SHA3-256 by node');
  t.is(found.get('symmetric')?.state, 'ok');
});
