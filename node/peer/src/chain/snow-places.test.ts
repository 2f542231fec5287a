import { viewBefore } from '@starling/consensus';
import type { ChainEntry } from '@starling/shared';
import test from 'ava';
import { isInPlace } from './snow-places.ts';

const roster = { kind: 'membership', roster: new Uint8Array(1) } as ChainEntry;
const inPolls = viewBefore({ era: 2, kind: 'polls' }) + 1;
const inCertificates = viewBefore({ era: 3, kind: 'certificates' }) + 1;

test('a leader that ends an epoch by polls gets no vote, whoever signed the roster', (t) => {
  t.false(isInPlace({ entries: [roster], view: inPolls }, false));
  t.true(isInPlace({ entries: [roster], view: inCertificates }, false));
  t.true(isInPlace({ entries: [], view: inPolls }, false));
});

test('a block that trails its era holds nothing', (t) => {
  t.false(isInPlace({ entries: [roster], view: inCertificates }, true));
  t.true(isInPlace({ entries: [], view: inCertificates }, true));
});
