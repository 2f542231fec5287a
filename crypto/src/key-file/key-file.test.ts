import test from 'ava';
import { createIdentity, generateSeed } from '../identity.ts';
import { decodeKeyFile, describeKeyFile, encodeKeyFile } from './key-file.ts';
import { SCRYPT_COST_MIN } from './passphrase-lock.ts';

const createdAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const passphrase = new TextEncoder().encode('seven birds about me');
const scrypt = { N: SCRYPT_COST_MIN, r: 1, p: 1 };

test('a key file comes back with its seed, member and date, in the clear or encrypted', (t) => {
  const seed = generateSeed();
  const expected = { seed, createdAtMs, member: createIdentity(seed).member };
  t.deepEqual(decodeKeyFile(encodeKeyFile({ seed, createdAtMs })), expected);
  const text = encodeKeyFile({ seed, createdAtMs }, { passphrase, scrypt });
  t.deepEqual(decodeKeyFile(text, passphrase), expected);
  t.false(text.includes(Buffer.from(seed).toString('base64url')));
});

test('an encrypted key file names its member without the passphrase', (t) => {
  const seed = generateSeed();
  const text = encodeKeyFile({ seed, createdAtMs }, { passphrase, scrypt });
  const file = describeKeyFile(text);
  t.like(file, { owner: createIdentity(seed).member, createdAtMs, isEncrypted: true, scrypt });
  t.throws(() => decodeKeyFile(text), { code: 'key-file-locked' });
});

test('a key file from before there were versions is still read', (t) => {
  const seed = generateSeed();
  const { member } = createIdentity(seed);
  const content = {
    suite: 'ml-dsa-65',
    member,
    createdAt: new Date(createdAtMs).toISOString(),
    seed: Buffer.from(seed).toString('base64url'),
  };
  t.deepEqual(decodeKeyFile(JSON.stringify(content)), { seed, createdAtMs, member });
  const other = { ...content, suite: 'ed25519' };
  t.throws(() => decodeKeyFile(JSON.stringify(other)), { code: 'key-file-suite' });
});

test('a key file whose member does not follow from its seed is refused', (t) => {
  const content = JSON.parse(encodeKeyFile({ seed: generateSeed(), createdAtMs }));
  content.secret = Buffer.from(generateSeed()).toString('base64url');
  t.throws(() => decodeKeyFile(JSON.stringify(content)), { code: 'key-file-mismatch' });
});

test('a key file of another suite, kind or version is refused', (t) => {
  const content = JSON.parse(encodeKeyFile({ seed: generateSeed(), createdAtMs }));
  const codeOf = (change: object) =>
    t.throws(() => decodeKeyFile(JSON.stringify({ ...content, ...change })));
  t.like(codeOf({ suite: 'ed25519' }), { code: 'key-file-suite' });
  t.like(codeOf({ kind: 'transport' }), { code: 'key-file-suite' });
  t.like(codeOf({ version: 2 }), { code: 'key-file-version' });
});

test('a damaged key file is refused without showing its seed', (t) => {
  const text = encodeKeyFile({ seed: generateSeed(), createdAtMs });
  const content = JSON.parse(text);
  const damaged = [
    '',
    '[]',
    'null',
    text.slice(0, -4),
    `{"secret": ${content.secret}`,
    ' '.repeat(9000),
    JSON.stringify({ ...content, secret: `${content.secret}AA` }),
    JSON.stringify({ ...content, secret: `${content.secret}!` }),
    JSON.stringify({ ...content, secret: '' }),
    JSON.stringify({ ...content, secret: 7 }),
    JSON.stringify({ ...content, createdAt: 'yesterday' }),
    JSON.stringify({ ...content, owner: 7 }),
  ];
  for (const each of damaged) {
    const error = t.throws(() => decodeKeyFile(each));
    t.like(error, { name: 'CryptoError', code: 'key-file-malformed' });
    t.false(error.message.includes(content.secret.slice(0, 8)));
  }
});
