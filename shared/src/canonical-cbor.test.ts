import test from 'ava';
import fc from 'fast-check';
import {
  CBOR_DEPTH_MAX,
  type CborFault,
  type CborValue,
  decodeCanonical,
  encodeCanonical,
  equalBytes,
} from './canonical-cbor.ts';

const BYTES_MAX = 1 << 20;

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger().map((value) => (value === 0 ? 0 : value)),
  fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 40 }),
);
const key = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter((text) => text !== '__proto__' && text.isWellFormed());
const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

test('every value comes back from its encoding', (t) => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const result = decodeCanonical(encodeCanonical(value), BYTES_MAX);
      t.true(result.ok);
      if (result.ok) t.deepEqual(result.value, value);
    }),
    { numRuns: 2000 },
  );
});

test('the order in which keys were added does not change the encoding', (t) => {
  const entries = fc.uniqueArray(fc.tuple(key, leaf), { selector: ([name]) => name });
  fc.assert(
    fc.property(entries, (list) => {
      const forwards = encodeCanonical(Object.fromEntries(list));
      const backwards = encodeCanonical(Object.fromEntries(list.toReversed()));
      t.deepEqual(forwards, backwards);
    }),
    { numRuns: 1000 },
  );
});

test('random bytes are refused or are the one encoding of their value, and never throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const result = decodeCanonical(bytes, BYTES_MAX);
      if (result.ok) t.deepEqual(encodeCanonical(result.value), bytes);
      else t.true(result.detail.length > 0);
    }),
    { numRuns: 20_000 },
  );
});

test('a flipped bit never yields the same value', (t) => {
  fc.assert(
    fc.property(anyValue, fc.nat(), (value, position) => {
      const bytes = encodeCanonical(value);
      const bit = position % (bytes.byteLength * 8);
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const result = decodeCanonical(bytes, BYTES_MAX);
      if (result.ok) t.notDeepEqual(result.value, value);
      else t.true(result.detail.length > 0);
    }),
    { numRuns: 3000 },
  );
});

test('a truncated or prolonged encoding is refused', (t) => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.uint8Array({ minLength: 1 }), (value, cut, tail) => {
      const bytes = encodeCanonical(value);
      const short = bytes.subarray(0, cut % bytes.byteLength);
      t.false(decodeCanonical(short, BYTES_MAX).ok);
      const long = new Uint8Array([...bytes, ...tail]);
      t.false(decodeCanonical(long, BYTES_MAX).ok);
    }),
    { numRuns: 2000 },
  );
});

const hostile: readonly (readonly [string, string, CborFault])[] = [
  ['an empty input', '', 'malformed-cbor'],
  ['two values', 'a0a0', 'malformed-cbor'],
  ['unsorted keys', 'a2613201613102', 'non-canonical-cbor'],
  ['longer keys before shorter ones', 'a262616101616202', 'non-canonical-cbor'],
  ['a duplicate key', 'a2613101613102', 'malformed-cbor'],
  ['a number as key', 'a10101', 'malformed-cbor'],
  ['the key __proto__', 'a1695f5f70726f746f5f5f01', 'malformed-cbor'],
  ['an indefinite array', '9f01ff', 'malformed-cbor'],
  ['an indefinite map', 'bf613101ff', 'malformed-cbor'],
  ['indefinite bytes', '5f4101ff', 'malformed-cbor'],
  ['indefinite text', '7f6131ff', 'malformed-cbor'],
  ['a whole number as half float', 'f93c00', 'non-canonical-cbor'],
  ['a fraction', 'f93e00', 'malformed-cbor'],
  ['infinity', 'fb7ff0000000000000', 'malformed-cbor'],
  ['not a number', 'f97e00', 'malformed-cbor'],
  ['undefined', 'f7', 'malformed-cbor'],
  ['an integer in too many bytes', '1801', 'malformed-cbor'],
  ['an integer beyond 2^53', '1b0020000000000000', 'malformed-cbor'],
  ['a big integer', 'c249010000000000000000', 'malformed-cbor'],
  ['a tag', 'd82a4100', 'malformed-cbor'],
  ['a huge array that is not there', '9bffffffffffffffff', 'malformed-cbor'],
  ['a huge map that is not there', 'bb001fffffffffffff', 'malformed-cbor'],
  ['huge bytes that are not there', '5b001fffffffffffff', 'malformed-cbor'],
  ['text that is no UTF-8', '61ff', 'non-canonical-cbor'],
  ['nesting one deeper than allowed', `${'81'.repeat(CBOR_DEPTH_MAX + 1)}01`, 'malformed-cbor'],
  ['nesting without end', '81'.repeat(100_000), 'malformed-cbor'],
];

for (const [title, hex, fault] of hostile) {
  test(`${title} is refused as ${fault}`, (t) => {
    const result = decodeCanonical(fromHex(hex), BYTES_MAX);
    t.false(result.ok);
    if (!result.ok) t.is(result.fault, fault);
  });
}

test('bytes over the limit are refused before they are read', (t) => {
  const result = decodeCanonical(new Uint8Array(11), 10);
  t.deepEqual(result, {
    ok: false,
    fault: 'oversized',
    detail: '11 bytes, at most 10 are taken',
  });
});

test('the deepest allowed nesting comes back', (t) => {
  let value: CborValue = 1;
  for (let i = 0; i < CBOR_DEPTH_MAX; i++) value = [value];
  t.true(decodeCanonical(encodeCanonical(value), BYTES_MAX).ok);
  const deeper = [value];
  t.throws(() => encodeCanonical(deeper), { instanceOf: TypeError });
});

test('bytes are equal when every one is, whatever array holds them', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (bytes, position) => {
      const shifted = Buffer.concat([Uint8Array.of(0), bytes]).subarray(1);
      t.true(equalBytes(bytes, shifted));
      t.false(equalBytes(bytes, bytes.subarray(1)));
      const at = position % bytes.byteLength;
      shifted[at] = (shifted[at] ?? 0) ^ 1;
      t.false(equalBytes(bytes, shifted));
    }),
    { numRuns: 500 },
  );
});

test('what has no encoding is a broken caller', (t) => {
  const unencodable: readonly unknown[] = [
    0.5,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    1n,
    undefined,
    '\ud800',
    new Date(0),
    new Map(),
    { a: undefined },
    { '\ud800': 1 },
    JSON.parse('{"__proto__":1}'),
    new Float32Array(1),
  ];
  for (const value of unencodable) {
    t.throws(() => encodeCanonical(value as CborValue), { instanceOf: TypeError });
  }
});
