import test from 'ava';
import { hkdfSha256 } from './hkdf.ts';
import { createIdentity, generateSeed, memberIdOf, verifySignature } from './identity.ts';

test('a member is named by its public key and signs with its seed', (t) => {
  const seed = generateSeed();
  const [identity, again] = [createIdentity(seed), createIdentity(seed)];
  t.is(identity.member, again.member);
  t.is(identity.member, memberIdOf(identity.publicKey));
  const message = new Uint8Array(3);
  const signature = identity.sign(message, 'starling/test/v1');
  t.true(verifySignature(again.publicKey, message, 'starling/test/v1', signature));
  t.false(verifySignature(again.publicKey, message, '', signature));
  t.throws(() => identity.sign(message, ''), { instanceOf: RangeError });
});

test('an identity keeps signing after its caller erased the seed', (t) => {
  const seed = generateSeed();
  const identity = createIdentity(seed);
  seed.fill(0);
  const signature = identity.sign(new Uint8Array(1), 'starling/test/v1');
  t.true(verifySignature(identity.publicKey, new Uint8Array(1), 'starling/test/v1', signature));
});

test('a member derives one secret per info, again after a restart, and nobody else does', (t) => {
  const seed = generateSeed();
  const info = new TextEncoder().encode('session 1');
  const other = new TextEncoder().encode('session 2');
  const secret = createIdentity(seed).deriveSecret(info);
  t.deepEqual(secret, hkdfSha256(seed, info));
  t.deepEqual(createIdentity(seed).deriveSecret(info), secret);
  t.notDeepEqual(createIdentity(seed).deriveSecret(other), secret);
  t.notDeepEqual(createIdentity().deriveSecret(info), secret);
  t.throws(() => createIdentity(seed).deriveSecret(new Uint8Array(0)), { instanceOf: RangeError });
});
