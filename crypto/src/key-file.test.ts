import test from 'ava';
import { createIdentity, generateSeed } from './identity.ts';
import { decodeKeyFile, encodeKeyFile } from './key-file.ts';

const createdAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

test('a key file comes back with its seed, member and date', (t) => {
  const seed = generateSeed();
  const text = encodeKeyFile({ seed, createdAtMs });
  t.deepEqual(decodeKeyFile(text), { seed, createdAtMs, member: createIdentity(seed).member });
});

test('a key file whose member does not follow from its seed is refused', (t) => {
  const content = JSON.parse(encodeKeyFile({ seed: generateSeed(), createdAtMs }));
  content.seed = Buffer.from(generateSeed()).toString('base64url');
  t.throws(() => decodeKeyFile(JSON.stringify(content)), { code: 'key-file-mismatch' });
});

test('a key file of another suite is refused', (t) => {
  const content = JSON.parse(encodeKeyFile({ seed: generateSeed(), createdAtMs }));
  content.suite = 'ed25519';
  t.throws(() => decodeKeyFile(JSON.stringify(content)), { code: 'key-file-suite' });
});

test('a damaged key file is refused without showing its seed', (t) => {
  const text = encodeKeyFile({ seed: generateSeed(), createdAtMs });
  const content = JSON.parse(text);
  const damaged = [
    '',
    '[]',
    'null',
    text.slice(0, -4),
    `{"seed": ${content.seed}`,
    ' '.repeat(5000),
    JSON.stringify({ ...content, seed: `${content.seed}AA` }),
    JSON.stringify({ ...content, seed: `${content.seed}!` }),
    JSON.stringify({ ...content, seed: 7 }),
    JSON.stringify({ ...content, createdAt: 'yesterday' }),
  ];
  for (const each of damaged) {
    const error = t.throws(() => decodeKeyFile(each));
    t.like(error, { name: 'CryptoError' });
    t.false(error.message.includes(content.seed.slice(0, 8)));
  }
});
