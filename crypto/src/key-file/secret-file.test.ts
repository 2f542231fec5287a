import test, { type ExecutionContext } from 'ava';
import { systemRandom } from '../random-source.ts';
import {
  PASSPHRASE_BYTES_MAX,
  PASSPHRASE_BYTES_MIN,
  SCRYPT_COST_MIN,
  SCRYPT_PARALLEL_MAX,
  SCRYPT_PARAMETERS,
} from './passphrase-lock.ts';
import { decodeSecretFile, encodeSecretFile, SECRET_BYTES_MAX } from './secret-file.ts';

const names = { kind: 'transport', suite: 'ed25519', owner: '12D3', createdAtMs: 86_400_000 };
const passphrase = new TextEncoder().encode('seven birds about me');
const scrypt = { N: SCRYPT_COST_MIN, r: 1, p: 1 };
const secret = systemRandom(68);
const locked = encodeSecretFile(names, secret, { passphrase, scrypt });

function open(text: string, key: Uint8Array = passphrase): Uint8Array {
  return decodeSecretFile(text, names).open(key);
}

/** The locked file with one field of it changed. */
function changed(field: string, value: unknown): string {
  const content = JSON.parse(locked);
  const [inside, name] = field.startsWith('locked.')
    ? [content.locked, field.slice(7)]
    : [content, field];
  inside[name] = value;
  return JSON.stringify(content);
}

function codeOf(t: ExecutionContext, act: () => unknown): string {
  const error = t.throws(act);
  return 'code' in error ? String(error.code) : error.name;
}

test('a secret comes back under its passphrase and under no other', (t) => {
  t.deepEqual(open(locked), secret);
  for (const other of ['seven birds about mE', 'seven birds about me ', '', 'x']) {
    const key = new TextEncoder().encode(other);
    t.is(
      codeOf(t, () => open(locked, key)),
      'key-file-passphrase',
      other,
    );
  }
  t.is(
    codeOf(t, () => decodeSecretFile(locked, names).open()),
    'key-file-locked',
  );
});

test('two files of one secret and passphrase share neither salt nor ciphertext', (t) => {
  const again = JSON.parse(encodeSecretFile(names, secret, { passphrase, scrypt })).locked;
  const first = JSON.parse(locked).locked;
  for (const field of ['salt', 'check', 'box']) t.not(again[field], first[field]);
});

test('a secret is locked at 128 MiB of scrypt unless less is asked for', (t) => {
  const { locked: found } = JSON.parse(encodeSecretFile(names, secret, { passphrase }));
  t.like(found, { kdf: 'scrypt', N: 131_072, r: 8, p: 1, cipher: 'aes-256-gcm' });
  t.deepEqual(SCRYPT_PARAMETERS, { N: 131_072, r: 8, p: 1 });
});

test('whatever is changed in an encrypted file, it does not open', (t) => {
  const content = JSON.parse(locked).locked;
  const flipped = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  t.is(
    codeOf(t, () => open(changed('owner', '12D4'))),
    'key-file-tampered',
  );
  t.is(
    codeOf(t, () => open(changed('createdAt', new Date(0).toISOString()))),
    'key-file-tampered',
  );
  t.is(
    codeOf(t, () => open(changed('locked.box', flipped(content.box)))),
    'key-file-tampered',
  );
  t.is(
    codeOf(t, () => open(changed('locked.salt', flipped(content.salt)))),
    'key-file-passphrase',
  );
  t.is(
    codeOf(t, () => open(changed('locked.check', flipped(content.check)))),
    'key-file-passphrase',
  );
  t.is(
    codeOf(t, () => open(changed('locked.N', SCRYPT_COST_MIN * 2))),
    'key-file-passphrase',
  );
  t.is(
    codeOf(t, () => open(changed('locked.kdf', 'none'))),
    'key-file-suite',
  );
  t.is(
    codeOf(t, () => open(changed('locked.cipher', 'none'))),
    'key-file-suite',
  );
  for (const field of ['salt', 'check', 'box', 'N', 'r', 'p']) {
    t.is(
      codeOf(t, () => open(changed(`locked.${field}`, null))),
      'key-file-malformed',
      field,
    );
  }
  t.is(
    codeOf(t, () => open(changed('locked', []))),
    'key-file-malformed',
  );
});

test('a file cannot ask for more memory, more passes or less work than is accepted', (t) => {
  const refused: readonly [string, number][] = [
    ['N', 2 ** 30],
    ['N', SCRYPT_COST_MIN / 2],
    ['N', SCRYPT_COST_MIN + 1],
    ['N', 0],
    ['N', -SCRYPT_COST_MIN],
    ['N', 1.5],
    ['r', 2 ** 20],
    ['r', 0],
    ['p', SCRYPT_PARALLEL_MAX + 1],
    ['p', 0],
  ];
  for (const [name, value] of refused) {
    const text = changed(`locked.${name}`, value);
    t.is(
      codeOf(t, () => open(text)),
      'key-file-parameters',
      `${name}=${value}`,
    );
  }
});

test('a passphrase too short or too long is a broken caller, and so is a secret of no size', (t) => {
  const expected = { instanceOf: RangeError };
  for (const length of [0, PASSPHRASE_BYTES_MIN - 1, PASSPHRASE_BYTES_MAX + 1]) {
    const key = new Uint8Array(length);
    t.throws(() => encodeSecretFile(names, secret, { passphrase: key, scrypt }), expected);
  }
  const wasteful = { N: 2 ** 30, r: 8, p: 1 };
  t.throws(() => encodeSecretFile(names, secret, { passphrase, scrypt: wasteful }), expected);
  t.throws(() => encodeSecretFile(names, new Uint8Array(0)), expected);
  t.throws(() => encodeSecretFile(names, new Uint8Array(SECRET_BYTES_MAX + 1)), expected);
});
