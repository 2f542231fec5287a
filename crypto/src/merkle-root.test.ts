import { createHash } from 'node:crypto';
import { CHUNK_BYTES } from '@starling/shared';
import test from 'ava';
import { digestOf, domainDigest, domainHash } from './digest.ts';
import { leafOf, payloadLeaves, payloadRef, payloadRootFromLeaves } from './merkle-root.ts';

function sha3(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha3-256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const chunk = (fill: number, bytes = CHUNK_BYTES) => new Uint8Array(bytes).fill(fill);

test('the digest of nothing is that of FIPS 202', (t) => {
  const empty = 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a';
  t.is(digestOf(new Uint8Array(0)) as string, empty);
});

test('parts of a domain digest cannot be shifted into each other', (t) => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const digests = [
    domainDigest('d', bytes('ab'), bytes('c')),
    domainDigest('d', bytes('a'), bytes('bc')),
    domainDigest('d', bytes('abc')),
    domainDigest('d', bytes('abc'), bytes('')),
    domainDigest('da', bytes('bc')),
  ];
  t.is(new Set(digests).size, digests.length);
  t.throws(() => domainDigest(''), { instanceOf: RangeError });
});

test('a domain hash is the bytes of its domain digest', (t) => {
  const parts = [Uint8Array.of(1, 2), new Uint8Array(0)];
  t.is(Buffer.from(domainHash('d', ...parts)).toString('hex'), domainDigest('d', ...parts));
  t.throws(() => domainHash(''), { instanceOf: RangeError });
});

test('leaves and nodes are prefixed as in RFC 6962', (t) => {
  t.deepEqual(Buffer.from(leafOf(chunk(1, 3))), sha3(Uint8Array.of(0, 1, 1, 1)));
  const payload = Buffer.concat([chunk(1), chunk(2), chunk(3, 5)]);
  const [a, b, c] = payloadLeaves(payload);
  if (a === undefined || b === undefined || c === undefined) return t.fail('three leaves expected');
  const node = Uint8Array.of(1);
  const top = sha3(node, sha3(node, a, b), c);
  const lengths = [new Uint8Array(8), new Uint8Array(8)] as const;
  new DataView(lengths[0].buffer).setBigUint64(0, BigInt(payload.byteLength));
  new DataView(lengths[1].buffer).setBigUint64(0, 3n);
  t.is(payloadRef(payload).root, domainDigest('starling/payload/v1', ...lengths, top));
});

test('an empty payload has a root of its own', (t) => {
  t.deepEqual(payloadLeaves(new Uint8Array(0)), []);
  const empty = payloadRef(new Uint8Array(0));
  t.is(empty.bytes, 0);
  t.not(empty.root, payloadRef(new Uint8Array(1)).root);
});

test('chunk boundaries give the expected number of leaves', (t) => {
  for (const [bytes, leaves] of [
    [1, 1],
    [CHUNK_BYTES - 1, 1],
    [CHUNK_BYTES, 1],
    [CHUNK_BYTES + 1, 2],
    [4 * CHUNK_BYTES, 4],
  ] as const) {
    t.is(payloadLeaves(chunk(7, bytes)).length, leaves);
  }
});

test('the root follows from the leaves and the length, for every number of chunks', (t) => {
  const roots = new Set<string>();
  for (let chunks = 0; chunks <= 9; chunks++) {
    const payload = Buffer.concat(Array.from({ length: chunks }, (_, i) => chunk(i)));
    const ref = payloadRef(payload);
    t.is(payloadRootFromLeaves(payloadLeaves(payload), payload.byteLength), ref.root);
    roots.add(ref.root);
  }
  t.is(roots.size, 10);
});

test('a changed byte, length, order or number of leaves changes the root', (t) => {
  const payload = Buffer.concat([chunk(1), chunk(2), chunk(3), chunk(4)]);
  const { root, bytes } = payloadRef(payload);
  const leaves = payloadLeaves(payload);
  const [a, b, c, d] = leaves;
  if (!a || !b || !c || !d) return t.fail('four leaves expected');
  t.not(payloadRootFromLeaves([b, a, c, d], bytes), root);
  t.not(payloadRootFromLeaves([a, b, c], bytes), root);
  t.not(payloadRootFromLeaves(leaves, bytes - 1), root);
  const node = Uint8Array.of(1);
  const inner = [sha3(node, a, b), sha3(node, c, d)];
  t.not(payloadRootFromLeaves(inner, bytes), root, 'inner nodes do not pass for leaves');
  payload[payload.byteLength - 1] = 9;
  t.not(payloadRef(payload).root, root);
});

test('a leaf of another length is a broken caller', (t) => {
  t.throws(() => payloadRootFromLeaves([new Uint8Array(31)], 1), { instanceOf: RangeError });
  t.throws(() => payloadRootFromLeaves([], -1), { instanceOf: RangeError });
});
