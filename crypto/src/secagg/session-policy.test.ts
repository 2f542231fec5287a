// What a member refuses to take part in, whatever the coordinator announces.

import type { MaskedAggregation, MemberId, RoundPlan, SessionAnnounce } from '@starling/shared';
import test from 'ava';
import { groupsOf, roundBeacon } from './groups.ts';
import type { Session } from './session.ts';
import {
  AGREED,
  testDigest as digest,
  testMembers as members,
  opened,
  testPlan as planOf,
  testAnnounce,
} from './session-fixture.ts';
import { DEFAULT_SESSION_POLICY, hidingMin, objectionToSession } from './session-policy.ts';

interface Offer {
  readonly agreed?: Partial<MaskedAggregation>;
  readonly announce?: Partial<SessionAnnounce>;
  /** What the coordinator's own policy says instead of the agreed one. */
  readonly offered?: Partial<MaskedAggregation>;
  readonly participants?: readonly MemberId[];
  readonly plan?: RoundPlan;
}

/** A session among these, as an honest coordinator drafts it, then changed. */
function sessionOf(plan: RoundPlan, offer: Offer): Session {
  const policy = { ...offer.agreed, ...offer.offered };
  const body = testAnnounce(plan, policy, offer.participants);
  return opened({ ...body, ...offer.announce });
}

/** What the first participant says to an offer. */
function objection(plan: RoundPlan, offer: Offer = {}, policy = DEFAULT_SESSION_POLICY) {
  const session = sessionOf(offer.plan ?? plan, offer);
  const [member] = session.announce.participants as [MemberId];
  return objectionToSession(session, member, { ...AGREED, ...offer.agreed }, plan, policy)?.detail;
}

const SEVEN = members(7);

test('an honest announcement is taken', (t) => {
  t.is(objection(planOf(SEVEN)), undefined);
  t.is(objection(planOf(members(130)), {}), undefined);
});

test("a member's own floors hold whatever the coordinator announces", (t) => {
  const plan = planOf(SEVEN);
  const floors = DEFAULT_SESSION_POLICY;
  t.is(objection(plan, {}, { ...floors, participantsMin: 8 }), 'participants: 7 < 8');
  t.is(objection(plan, {}, { ...floors, survivorsMin: 6 }), 'survivorsMin: 5 < 6');
  t.is(objection(plan, {}, { ...floors, weightMax: 999 }), 'weightMax: 1000 > 999');
});

test('nothing that was agreed for the federation is weakened', (t) => {
  const plan = planOf(SEVEN);
  const noise = { mechanism: 'skellam', noiseMultiplierMicros: 1_000_000 } as const;
  const other = 'the session quantises otherwise than agreed';
  t.is(objection(plan, { offered: { corruptMicros: 49_999 } }), 'corruptMicros: 49999 < 50000');
  t.is(objection(plan, { offered: { ring: 64 } }), other);
  t.is(objection(plan, { offered: { clipMicros: 999_999 } }), other);
  t.is(objection(plan, { offered: { dropMicros: 50_001 } }), other);
  t.regex(objection(plan, { agreed: { noise }, offered: { noise: null } }) ?? '', /multiplier/);
  const less = { ...noise, noiseMultiplierMicros: 999_999 };
  t.regex(objection(plan, { agreed: { noise }, offered: { noise: less } }) ?? '', /multiplier/);
  const central = { ...noise, mechanism: 'central-gaussian' } as const;
  t.is(objection(plan, { agreed: { noise }, offered: { noise: central } }), other);
});

test('a session is of the round that the plan opened', (t) => {
  const plan = planOf(SEVEN);
  const detail = 'the session is for another round, model or roster';
  const others: readonly Partial<RoundPlan>[] = [
    { round: 3 },
    { base: digest(9) },
    { baseVersion: 2 },
    { roster: digest(9) },
    { elements: 9 },
    { clippingNormMicros: 2_000_000 },
  ];
  for (const changes of others) {
    t.is(objection(plan, { plan: planOf(SEVEN, changes) }), detail, JSON.stringify(changes));
  }
  const strangers = members(9).filter((each) => !SEVEN.includes(each));
  const mixed = [...SEVEN, ...strangers];
  t.is(objection(plan, { participants: mixed }), 'a participant is not in the cohort');
  const outsider = { ...plan, cohort: [...members(8)], voters: [...members(8)] };
  const session = sessionOf(outsider, { participants: SEVEN });
  const [absent] = members(8).filter((each) => !SEVEN.includes(each)) as [MemberId];
  const refused = objectionToSession(session, absent, AGREED, outsider);
  t.is(refused?.reason, 'not-in-cohort');
});

test('a graph from any other beacon is refused: nobody chooses its neighbours', (t) => {
  const plan = planOf(members(130));
  const graph = sessionOf(plan, {}).announce.graph;
  if (graph.kind !== 'harary') return t.fail('130 members have a Harary graph');
  const detail = "the graph is not drawn from the round's beacon";
  t.is(objection(plan, { announce: { graph: { ...graph, beacon: digest(9) } } }), detail);
});

test('a site is not surrounded: the sum hides it from all that may collude in the federation', (t) => {
  const plan = planOf(SEVEN);
  t.is(hidingMin(plan, AGREED, 0), 4);
  t.is(objection(plan, { participants: SEVEN.slice(2) }), undefined);
  t.is(objection(plan, { participants: SEVEN.slice(3) }), 'survivorsMin: 3 < 4');
  t.is(objection(plan, { participants: SEVEN.slice(4) }), 'survivorsMin: 3 < 4');
  const picked = planOf(SEVEN.slice(3), { voters: SEVEN });
  t.is(objection(picked), 'cohort: 4 < 5');
});

test('within groups the crowd is the group that the beacon dealt', (t) => {
  const agreed = { groupSize: 8 };
  const plan = planOf(members(24));
  const beacon = roundBeacon(plan.roster, plan.base);
  const [dealt] = groupsOf(plan.cohort, 8, beacon) as [MemberId[]];
  t.is(hidingMin(plan, { ...AGREED, ...agreed }, 0), 4);
  const group = { count: 3, index: 0 };
  const offer = { agreed, announce: { group } };
  t.is(objection(plan, { ...offer, participants: dealt }), undefined);
  t.is(objection(plan, { ...offer, participants: dealt.slice(5) }), 'survivorsMin: 3 < 4');
});
