// What an announcement must say of itself before any member looks at its policy.

import type { SessionAnnounce } from '@starling/shared';
import { encodeCanonical, type RefusalReason } from '@starling/shared';
import test from 'ava';
import { CryptoError } from '../crypto-error.ts';
import { boundsOf, corruptAmong, openSession, sessionId, shareholdersOf } from './session.ts';
import {
  FEDERATION,
  opened,
  testAnnounce,
  testDigest,
  testMembers,
  testPlan,
} from './session-fixture.ts';

const SHARES = { corruptMicros: 50_000, dropMicros: 50_000 };

/** Why an announcement is no session; undefined when it is one. */
function refusalOf(body: SessionAnnounce): RefusalReason | undefined {
  const session = openSession(FEDERATION, body, encodeCanonical(body));
  return session.ok ? undefined : session.refusal.reason;
}

test('bounds of complete graphs are those of the active protocol', (t) => {
  const table = [3, 4, 5, 7, 10, 16, 32, 64, 100].map((participants) => {
    const bounds = boundsOf(participants, SHARES);
    return [participants, bounds?.corrupt, bounds?.threshold, bounds?.survivorsMin];
  });
  t.deepEqual(table, [
    [3, 0, 2, 3],
    [4, 1, 3, 3],
    [5, 1, 4, 4],
    [7, 2, 5, 5],
    [10, 3, 7, 7],
    [16, 5, 11, 11],
    [32, 10, 22, 22],
    [64, 21, 43, 43],
    [100, 33, 67, 67],
  ]);
});

test('two disjoint halves never both reach the threshold, nor both certify', (t) => {
  for (let participants = 3; participants <= 100; participants++) {
    const { certificateMin = 0, corrupt = 0, threshold = 0 } = boundsOf(participants, SHARES) ?? {};
    t.true(2 * threshold > participants + corrupt, `shares of ${participants}`);
    t.true(2 * certificateMin > participants + corrupt, `signatures of ${participants}`);
  }
});

test('above a hundred members the graph is sparse, and unsafe shares have none', (t) => {
  t.like(boundsOf(200, SHARES), { degree: 30, threshold: 21, corrupt: 10 });
  t.is(boundsOf(200, { corruptMicros: 400_000, dropMicros: 300_000 }), undefined);
  t.is(corruptAmong(100, SHARES), 33);
  t.is(corruptAmong(200, SHARES), 10);
  const plan = testPlan(testMembers(101));
  const unsafe = { corruptMicros: 400_000, dropMicros: 300_000 };
  t.throws(() => testAnnounce(plan, unsafe), { instanceOf: CryptoError, code: 'unsafe-session' });
  t.is(refusalOf({ ...testAnnounce(plan), ...unsafe }), 'not-permitted');
});

test('an announcement whose parts contradict each other is no session', (t) => {
  const members = testMembers(7);
  const honest = testAnnounce(testPlan(members));
  t.is(refusalOf(honest), undefined);
  const harary = { kind: 'harary', beacon: testDigest(1), degree: 4 } as const;
  const cases: readonly (readonly [Partial<SessionAnnounce>, RefusalReason])[] = [
    [{ participants: members.toReversed() }, 'wrong-shape'],
    [{ participants: [...members, ...members.slice(-1)] }, 'wrong-shape'],
    [{ coordinatorKey: new Uint8Array(1215) }, 'wrong-shape'],
    [{ graph: harary }, 'not-permitted'],
    [{ threshold: honest.threshold - 1 }, 'not-permitted'],
    [{ survivorsMin: honest.survivorsMin + 1 }, 'not-permitted'],
    [{ fractionBits: honest.fractionBits + 1 }, 'not-permitted'],
    [{ weightMax: 1 << 24, ring: 64, fractionBits: 40 }, 'not-permitted'],
  ];
  for (const [changes, reason] of cases) {
    t.is(refusalOf({ ...honest, ...changes }), reason, JSON.stringify(Object.keys(changes)));
  }
});

test('nothing is announced that does not fit the ring', (t) => {
  const plan = testPlan(testMembers(3));
  const policy = { clipMicros: 2 ** 31 * 1_000_000 };
  t.throws(() => testAnnounce(plan, policy), { instanceOf: CryptoError, code: 'unsafe-session' });
});

test('the name of a session binds the federation and every setting', (t) => {
  const honest = testAnnounce(testPlan(testMembers(5)));
  const nameOf = (body: SessionAnnounce) => sessionId(FEDERATION, encodeCanonical(body));
  const others = [
    { ...honest, attempt: 2 },
    { ...honest, coordinatorKey: new Uint8Array(1216) },
    { ...honest, model: testDigest(9) },
    { ...honest, phaseWithinMs: 2 },
  ];
  const names = new Set([honest, ...others].map(nameOf));
  t.is(names.size, 5);
  t.not(sessionId('0'.repeat(64) as typeof FEDERATION, encodeCanonical(honest)), nameOf(honest));
});

test('everyone holds shares of its neighbours and of itself', (t) => {
  const session = opened(testAnnounce(testPlan(testMembers(130))));
  const { graph, participants } = session.announce;
  for (const member of participants.slice(0, 9)) {
    const holders = shareholdersOf(session, member);
    t.is(holders.length, graph.kind === 'harary' ? graph.degree + 1 : 0);
    t.true(holders.includes(member));
    t.deepEqual(holders, holders.toSorted());
    for (const holder of holders) t.true(shareholdersOf(session, holder).includes(member));
  }
});
