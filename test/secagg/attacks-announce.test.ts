// A coordinator that announces weaker sessions, older ones or two for one attempt: a site takes part
// in none of them.

import { digestOf, encodeBody, sealMessage, sessionId } from '@starling/crypto';
import {
  type Digest,
  type MemberId,
  type RefusalReason,
  type SessionAnnounce,
  sessionAnnounce,
  sessionPhase,
} from '@starling/shared';
import test from 'ava';
import { DeceivedSite, type Offer } from './deceived-site.ts';
import { nonCanonicalFrame } from './non-canonical.ts';

const OTHER = digestOf(Uint8Array.of(7));
const STRANGER = 'f'.repeat(64) as MemberId;

function idOf(deceived: DeceivedSite, body: SessionAnnounce): Digest {
  return sessionId(deceived.cluster.federation, encodeBody(sessionAnnounce, body));
}

test('a site takes part in no session that is weaker than agreed, or of another round', async (t) => {
  const deceived = await DeceivedSite.start(t, 7);
  const { members } = deceived;
  const honest = deceived.announcement({ attempt: 2 });
  const { survivorsMin, threshold } = honest;
  const noise = { mechanism: 'skellam', noiseMultiplierMicros: 1, rotationSeed: OTHER } as const;
  const few = members.slice(0, 4).includes(deceived.member)
    ? members.slice(0, 4)
    : members.slice(3);
  const lies: readonly (readonly [string, Offer, RefusalReason])[] = [
    ['a lower threshold', { announce: { threshold: threshold - 1 } }, 'not-permitted'],
    ['a higher threshold', { announce: { threshold: threshold + 1 } }, 'not-permitted'],
    ['fewer survivors', { announce: { survivorsMin: survivorsMin - 1 } }, 'not-permitted'],
    ['fewer participants', { participants: few }, 'not-permitted'],
    ['fewer that may collude', { policy: { corruptMicros: 1 } }, 'not-permitted'],
    ['other drop-outs', { policy: { dropMicros: 1 } }, 'not-permitted'],
    ['another ring', { policy: { ring: 64 } }, 'not-permitted'],
    ['another clip', { policy: { clipMicros: 2_000_000 } }, 'not-permitted'],
    ['noise nobody agreed to', { announce: { noise, weightMax: 1 } }, 'not-permitted'],
    ['sums that wrap', { announce: { fractionBits: 40 } }, 'not-permitted'],
    ['a sparse graph', { announce: { graph: harary } }, 'not-permitted'],
    ['no key', { announce: { coordinatorKey: new Uint8Array(32) } }, 'wrong-shape'],
    ['unsorted', { announce: { participants: [...members].reverse() } }, 'wrong-shape'],
    ['one twice', { announce: { participants: twice(members) } }, 'wrong-shape'],
    ['a stranger', { participants: [...members, STRANGER] }, 'wrong-shape'],
    ['another group', { announce: { group: { count: 2, index: 0 } } }, 'wrong-shape'],
    ['another plan', { announce: { plan: OTHER } }, 'unknown-plan'],
    ['another model', { announce: { model: OTHER } }, 'unknown-plan'],
    ['another version', { announce: { modelVersion: 1 } }, 'unknown-plan'],
    ['another round', { announce: { round: 2 } }, 'unknown-plan'],
    ['another roster', { announce: { roster: OTHER } }, 'unknown-plan'],
    ['another length', { announce: { elements: 511 } }, 'unknown-plan'],
    ['another norm', { announce: { normMicros: 1 } }, 'unknown-plan'],
  ];
  t.like(await deceived.announce(), { reason: 'unknown-plan' }, 'before the plan');
  t.like(await deceived.tell(deceived.planFrame()), { kind: 'accept' });
  for (const [what, offer, reason] of lies) {
    t.like(await deceived.announce(offer), { reason }, what);
  }
  const { federation } = deceived.cluster;
  const impostor = deceived.cluster.sites[1]?.identity ?? deceived.site.identity;
  const forged = sealMessage(impostor, sessionAnnounce, { federation, body: honest });
  t.like(await deceived.tell(forged), { reason: 'unknown-sender' });
  const { identity } = deceived.cluster.node;
  for (const [definition, body] of [
    [sessionAnnounce, honest],
    [sessionPhase, { members: [...members], phase: 'sharing', root: OTHER, session: OTHER }],
  ] as const) {
    const frame = nonCanonicalFrame<never>(
      identity,
      definition as never,
      federation,
      body as never,
    );
    t.like(await deceived.tell(frame), { reason: 'non-canonical-cbor' }, definition.type);
  }
  const others = { participants: without(members, deceived.member) };
  t.like(await deceived.announce(others), { kind: 'accept' }, 'a session of the others');
  await deceived.cluster.clock.advance(3_000);
  t.deepEqual(deceived.sessionsBegun(), []);
  t.like(await deceived.tell(deceived.frameOf(honest)), { kind: 'accept' });
  await deceived.untilBegun();
  t.deepEqual(deceived.sessionsBegun(), [idOf(deceived, honest)]);
});

const harary = { kind: 'harary', beacon: OTHER, degree: 4 } as const;

function twice(members: readonly MemberId[]): MemberId[] {
  return [...members, ...members.slice(-1)];
}

function without(members: readonly MemberId[], left: MemberId): MemberId[] {
  return members.filter((each) => each !== left);
}

test('a site whose model is another than the plan’s neither trains nor takes part', async (t) => {
  const deceived = await DeceivedSite.start(t, 4);
  const plan = { base: OTHER };
  t.like(await deceived.tell(deceived.planFrame(plan)), { kind: 'accept' });
  await deceived.cluster.clock.advance(5_000);
  t.is(deceived.site.peer.status().training, null);
  t.like(await deceived.announce({ plan }), { reason: 'unknown-plan' });
  t.deepEqual(deceived.sessionsBegun(), []);
});

test('two sessions for one attempt: the site leaves and keeps both announcements', async (t) => {
  const deceived = await DeceivedSite.start(t, 4);
  await deceived.tell(deceived.planFrame());
  const first = deceived.frameOf(deceived.announcement());
  const second = deceived.frameOf(deceived.announcement({ announce: { fractionBits: 3 } }));
  t.like(await deceived.tell(first), { kind: 'accept' });
  await deceived.untilBegun();
  t.like(await deceived.tell(second), { kind: 'ignore', reason: 'equivocation' });
  await deceived.cluster.until('the end', () => deceived.aborts('equivocation') === 1);
  t.deepEqual(await deceived.evidence(), [{ reason: 'equivocation', frames: [first, second] }]);
  t.like(await deceived.tell(second), { reason: 'equivocation' });
  await deceived.cluster.clock.advance(2_000);
  t.is(deceived.aborts('equivocation'), 1);
  t.is(deceived.sessionsBegun().length, 1);
});

test('a contradiction that came before the site began keeps it out of that attempt', async (t) => {
  const deceived = await DeceivedSite.start(t, 4);
  await deceived.tell(deceived.planFrame());
  const first = deceived.frameOf(deceived.announcement());
  const second = deceived.frameOf(deceived.announcement({ announce: { fractionBits: 3 } }));
  await Promise.all([deceived.tell(first), deceived.tell(second)]);
  await deceived.cluster.until('the contradiction', () => deceived.aborts('equivocation') === 1);
  t.deepEqual(await deceived.evidence(), [{ reason: 'equivocation', frames: [first, second] }]);
  await deceived.cluster.clock.advance(5_000);
  t.deepEqual(deceived.sessionsBegun(), []);
  const again = deceived.announcement({ attempt: 2 });
  t.like(await deceived.tell(deceived.frameOf(again)), { kind: 'accept' });
  await deceived.untilBegun();
  t.deepEqual(deceived.sessionsBegun(), [idOf(deceived, again)]);
});

test('an older attempt, an older round, and what a restart has forgotten are not begun again', async (t) => {
  const deceived = await DeceivedSite.start(t, 4);
  const { cluster, site } = deceived;
  await deceived.tell(deceived.planFrame());
  const second = deceived.frameOf(deceived.announcement({ attempt: 2 }));
  t.like(await deceived.tell(second), { kind: 'accept' });
  await deceived.untilBegun();
  t.like(await deceived.announce({ attempt: 1 }), { reason: 'stale-round' });
  t.like(await deceived.tell(second), { kind: 'accept' }, 'a repetition');
  await cluster.clock.advance(2_000);
  t.is(deceived.sessionsBegun().length, 1);
  await site.stop();
  await site.start();
  t.like(await deceived.tell(deceived.planFrame()), { kind: 'accept' });
  t.like(await deceived.announce({ attempt: 1 }), { kind: 'accept' }, 'told before the newer one');
  await cluster.until('the refusal', () => deceived.aborts('replayed') === 1);
  t.like(await deceived.tell(second), { kind: 'accept' });
  await cluster.until('the second refusal', () => deceived.aborts('replayed') === 2);
  t.is(deceived.sessionsBegun().length, 1);
  t.like(await deceived.tell(deceived.planFrame({ round: 2 })), { kind: 'accept' });
  t.like(await deceived.announce({ attempt: 3 }), { reason: 'unknown-plan' });
  t.like(await deceived.tell(deceived.planFrame()), { reason: 'stale-round' });
});

test('two announcements of a phase: the site leaves and keeps both; strange phases are refused', async (t) => {
  const deceived = await DeceivedSite.start(t, 4);
  await deceived.tell(deceived.planFrame());
  const body = deceived.announcement();
  await deceived.tell(deceived.frameOf(body));
  await deceived.untilBegun();
  const members = [...deceived.members];
  const sharing = {
    members,
    phase: 'sharing',
    root: OTHER,
    session: idOf(deceived, body),
  } as const;
  const unknown = deceived.phaseFrame({ ...sharing, session: OTHER });
  t.like(await deceived.tell(unknown), { reason: 'unknown-plan' });
  const first = deceived.phaseFrame(sharing);
  const second = deceived.phaseFrame({ ...sharing, root: digestOf(Uint8Array.of(8)) });
  t.like(await deceived.tell(first), { kind: 'accept' });
  t.like(await deceived.tell(deceived.phaseFrame(sharing)), { kind: 'accept' }, 'said again');
  t.like(await deceived.tell(second), { kind: 'ignore', reason: 'equivocation' });
  await deceived.cluster.until('the end', () => deceived.aborts('equivocation') === 1);
  t.deepEqual(await deceived.evidence(), [{ reason: 'equivocation', frames: [first, second] }]);
});
