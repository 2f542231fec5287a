import test from 'ava';
import { encodeCanonical } from '../canonical-cbor.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';
import { siteReport } from './site-report.ts';

const idOf = (i: number) => i.toString(16).padStart(64, '0');
const peersOf = (members: readonly number[]) =>
  members.map((i) => ({ member: idOf(i), mesh: true, rttMs: 0xffffffff }));
const reportOf = (peers: readonly number[]) => ({
  documents: Number.MAX_SAFE_INTEGER,
  patterns: { known: 1, used: 1, vetoed: 1 },
  peers: peersOf(peers),
  privacy: null,
  progressMicros: null,
  queries: null,
  state: 'configured',
  version: 1,
});
const isTaken = (peers: readonly number[]) => siteReport.schema.safeParse(reportOf(peers)).success;

test('each neighbour stands in a report once, in the order of their ids', (t) => {
  t.true(isTaken([]));
  t.true(isTaken([1, 2, 9]));
  t.false(isTaken([2, 1]));
  t.false(isTaken([1, 1]));
});

test('a report of a site that is connected to a whole roster fits, one of more is refused', (t) => {
  const all = Array.from({ length: ROSTER_MEMBERS_MAX }, (_, i) => i);
  t.true(isTaken(all));
  t.true(encodeCanonical(reportOf(all)).byteLength <= siteReport.bodyBytesMax);
  t.false(isTaken([...all, all.length]));
});

test('no share of a training is above the whole', (t) => {
  const training = { ...reportOf([]), state: 'training' };
  t.true(siteReport.schema.safeParse({ ...training, progressMicros: 1_000_000 }).success);
  t.false(siteReport.schema.safeParse({ ...training, progressMicros: 1_000_001 }).success);
});
