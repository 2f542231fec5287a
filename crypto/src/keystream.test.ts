import test from 'ava';
import fc from 'fast-check';
import { KEYSTREAM_KEY_BYTES, Keystream } from './keystream.ts';

// RFC 8439 appendix A.1, test vectors 1 and 2: key 0, nonce 0, block counters 0 and 1.
const BLOCKS_OF_ZERO_KEY =
  '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
  'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586' +
  '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed' +
  '29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f';
// RFC 8439 appendix A.1, test vector 3: key 0…01, nonce 0, block counter 1.
const SECOND_BLOCK_OF_KEY_ONE =
  '3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a' +
  '8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0';

function streamOf(key: Uint8Array, bytes: number): Uint8Array {
  const into = new Uint8Array(bytes);
  new Keystream(key).fill(into);
  return into;
}

test('the stream is that of RFC 8439 from block 0 on', (t) => {
  const zero = streamOf(new Uint8Array(KEYSTREAM_KEY_BYTES), 128);
  t.is(Buffer.from(zero).toString('hex'), BLOCKS_OF_ZERO_KEY);
  const one = streamOf(new Uint8Array(KEYSTREAM_KEY_BYTES).fill(1, 31), 128).subarray(64);
  t.is(Buffer.from(one).toString('hex'), SECOND_BLOCK_OF_KEY_ONE);
});

test('successive fills continue the stream, however it is cut', (t) => {
  const key = new Uint8Array(KEYSTREAM_KEY_BYTES).fill(7);
  const whole = streamOf(key, 200_000);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 70_000 }), { maxLength: 6 }), (cuts) => {
      const stream = new Keystream(key);
      let start = 0;
      for (const cut of cuts) {
        const end = Math.min(whole.byteLength, start + cut);
        const into = new Uint8Array(end - start).fill(0xff);
        stream.fill(into);
        t.true(Buffer.from(into).equals(whole.subarray(start, end)));
        start = end;
      }
    }),
    { numRuns: 30 },
  );
});

test('a key of another length is a broken caller', (t) => {
  t.throws(() => new Keystream(new Uint8Array(16)), { instanceOf: RangeError });
});
