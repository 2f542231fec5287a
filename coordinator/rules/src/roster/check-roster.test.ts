import { fc } from '@fast-check/ava';
import { sealRotation } from '@starling/crypto';
import { BINDING_LIFE_MS, type Roster, type RosterMember } from '@starling/shared';
import test from 'ava';
import { START_MS } from '../history-fixture.ts';
import { proofObjection } from './check-proofs.ts';
import { rosterObjection, successorObjection } from './check-roster.ts';
import { nextRoster, type RosterChange } from './next-roster.ts';
import {
  bind,
  digestOfRoster,
  federation,
  foundedRoster,
  keysOf,
  trustIn,
} from './roster-fixture.ts';

const { genesis } = trustIn(1);
const terms = { nowMs: START_MS + 1000, lifeMs: 86_400_000 };

/** The roster after a change, checked as everyone checks it. */
function after(roster: Roster, change: RosterChange, nowMs = terms.nowMs): Roster {
  const current = { roster, digest: digestOfRoster(roster) };
  const next = nextRoster(current, roster, change, { ...terms, nowMs });
  const odd = rosterObjection(next, genesis) ?? successorObjection(current, next);
  if (odd !== undefined) throw new Error(odd.detail);
  return next;
}

function admit(roster: Roster, n: number, site = `site${n}`): Roster {
  return after(roster, { kind: 'admit', bound: bind(keysOf(n), site) });
}

const two = admit(admit(foundedRoster(), 1), 2);
const entryOf = (roster: Roster, site: string) => {
  const entry = roster.members.find((it) => it.site === site);
  if (entry === undefined) throw new Error(`no ${site}`);
  return entry;
};

/** What `next` violates against `current` when it is changed. */
function objection(current: Roster, next: Roster, change: Partial<Roster>): string | undefined {
  const changed = { ...next, ...change };
  const odd =
    rosterObjection(changed, genesis) ??
    successorObjection({ roster: current, digest: digestOfRoster(current) }, changed);
  return odd?.reason;
}

test('members, revocations and renewals follow each other in one chain', (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('admit' as const), n: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('revoke' as const), n: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('renew' as const), n: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let roster = foundedRoster();
      for (const { kind, n } of steps) {
        const keys = keysOf(n + 100);
        const { member } = keys.identity;
        const isListed = roster.members.some((it) => it.member === member);
        const isGone = roster.revoked.some((it) => it.member === member);
        if (kind === 'admit' && (isListed || isGone)) continue;
        if (kind === 'revoke' && !isListed) continue;
        const { epoch } = roster;
        if (kind === 'renew') roster = after(roster, { kind });
        if (kind === 'admit') roster = admit(roster, n + 100);
        if (kind === 'revoke') roster = after(roster, { kind, member, reason: 'left' });
        t.is(roster.epoch, kind === 'renew' ? epoch : epoch + 1);
      }
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('an older, a repeated, a skipping and a forking roster do not follow', (t) => {
  const three = admit(two, 3);
  t.is(objection(two, three, {}), undefined);
  t.is(objection(two, two, {}), 'replay');
  t.is(objection(three, two, {}), 'replay');
  t.is(objection(two, admit(three, 4), {}), 'not-yet-valid');
  t.is(objection(two, three, { previous: digestOfRoster(three) }), 'equivocation');
  t.is(objection(two, three, { previous: null }), 'wrong-shape');
});

test('an epoch rises with members and keys, and only then', (t) => {
  const three = admit(two, 3);
  t.is(objection(two, three, { epoch: two.epoch }), 'wrong-shape');
  t.is(objection(two, three, { epoch: three.epoch + 1 }), 'wrong-shape');
  const renewed = after(two, { kind: 'renew' });
  t.is(objection(two, renewed, { epoch: two.epoch + 1 }), 'wrong-shape');
});

test('nobody vanishes, returns, moves or takes a place without a record of it', (t) => {
  const renewed = after(two, { kind: 'renew' });
  const epoch = two.epoch + 1;
  const without = renewed.members.filter(({ site }) => site !== 'site1');
  t.is(objection(two, renewed, { epoch, members: without }), 'wrong-shape');
  const changes: readonly Partial<RosterMember>[] = [
    { site: 'elsewhere' },
    { sinceMs: 7 },
    { formerly: entryOf(two, 'site2').member },
    { transportId: keysOf(9).channel.transportId },
    { binding: entryOf(two, 'site2').binding },
    { publicKey: entryOf(two, 'site2').publicKey },
  ];
  for (const change of changes) {
    const members = renewed.members.map((it) => (it.site === 'site1' ? { ...it, ...change } : it));
    t.is(objection(two, renewed, { epoch, members }), 'wrong-shape', Object.keys(change).join());
  }
  const gone = after(two, { kind: 'revoke', member: entryOf(two, 'site1').member, reason: 'left' });
  const later = after(gone, { kind: 'renew' });
  t.is(objection(gone, later, { epoch: gone.epoch + 1, revoked: [] }), 'wrong-shape');
  const excused = gone.revoked.map((it) => ({ ...it, reason: 'forgotten' }));
  t.is(objection(gone, later, { epoch: gone.epoch + 1, revoked: excused }), 'wrong-shape');
  const back = [...later.members, entryOf(two, 'site1')].sort((a, b) =>
    a.member < b.member ? -1 : 1,
  );
  t.is(objection(gone, later, { epoch: gone.epoch + 1, members: back }), 'wrong-shape');
});

test('a roster keeps the coordinator, and no name or peer id twice', (t) => {
  const renewed = after(two, { kind: 'renew' });
  const only = renewed.members.filter(({ role }) => role === 'peer');
  t.is(rosterObjection({ ...renewed, members: only }, genesis)?.reason, 'wrong-shape');
  const { site, transportId } = entryOf(two, 'site2');
  for (const change of [{ site }, { transportId }]) {
    const members = renewed.members.map((it) => (it.site === 'site1' ? { ...it, ...change } : it));
    t.is(rosterObjection({ ...renewed, members }, genesis)?.reason, 'wrong-shape');
  }
  const swapped = { ...renewed, members: renewed.members.toReversed() };
  t.is(rosterObjection(swapped, genesis)?.reason, 'wrong-shape');
});

test('a member whose binding has ended lapses until it binds its keys anew', (t) => {
  const nowMs = START_MS + BINDING_LIFE_MS;
  const lapsed = after(two, { kind: 'renew' }, nowMs);
  t.is(entryOf(lapsed, 'site1').status, 'lapsed');
  t.is(entryOf(lapsed, 'coordinator').status, 'active');
  const entry = entryOf(lapsed, 'site1');
  const bound = bind(keysOf(1), 'site1', entry);
  const body = { ...bound.body, notAfterMs: nowMs + 1 };
  const back = after(
    lapsed,
    { kind: 'rebind', member: entry.member, bound: { ...bound, body } },
    nowMs,
  );
  t.is(entryOf(back, 'site1').status, 'active');
  t.is(entryOf(back, 'site2').status, 'lapsed');
});

test('a rotated key takes the place of the old one, proved by both', (t) => {
  const entry = entryOf(two, 'site1');
  const keys = { ...keysOf(1), identity: keysOf(8).identity };
  const bound = bind(keys, 'site1', entry);
  const next = after(two, { kind: 'rebind', member: entry.member, bound });
  const now = entryOf(next, 'site1');
  t.is(now.member, keys.identity.member);
  t.is(now.formerly, entry.member);
  t.is(now.sinceMs, entry.sinceMs);
  const terms = { federation, bindingDigest: bound.bodyDigest };
  const rotation = sealRotation(keysOf(1).identity, keys.identity, terms);
  const prove = (proofs: readonly Uint8Array[]) =>
    proofObjection(two, next, proofs, { federation });
  t.is(prove([bound.record, rotation]), undefined);
  t.regex(prove([bound.record])?.detail ?? '', /old key did not sign/);
  t.regex(prove([rotation])?.detail ?? '', /binding record is missing/);
  const forged = sealRotation(keysOf(2).identity, keys.identity, terms);
  t.regex(prove([bound.record, forged])?.detail ?? '', /old key did not sign/);
});

test('each new key is proved by its own binding record, in force when it is signed', (t) => {
  const bound = bind(keysOf(3), 'site3');
  const next = after(two, { kind: 'admit', bound });
  const prove = (proofs: readonly Uint8Array[], nowMs?: number) =>
    proofObjection(two, next, proofs, { federation, ...(nowMs === undefined ? {} : { nowMs }) });
  t.is(prove([bound.record], START_MS), undefined);
  t.is(prove([bound.record], START_MS + BINDING_LIFE_MS)?.reason, 'expired');
  t.is(prove([])?.reason, 'not-permitted');
  t.is(prove([bind(keysOf(3), 'site4').record])?.reason, 'not-permitted');
  t.is(prove([bind(keysOf(4), 'site3').record])?.reason, 'not-permitted');
  t.truthy(prove([Uint8Array.of(1), bound.record]));
});

test('a draft is extended by each further change, and a dropped applicant leaves no trace', (t) => {
  const current = { roster: two, digest: digestOfRoster(two) };
  const first = nextRoster(current, two, { kind: 'admit', bound: bind(keysOf(3), 'site3') }, terms);
  const both = nextRoster(
    current,
    first,
    { kind: 'admit', bound: bind(keysOf(4), 'site4') },
    terms,
  );
  t.is(successorObjection(current, both), undefined);
  t.is(both.members.length, 5);
  const { member } = entryOf(both, 'site3');
  const dropped = nextRoster(current, both, { kind: 'revoke', member, reason: 'no' }, terms);
  t.is(successorObjection(current, dropped), undefined);
  t.deepEqual(dropped.revoked, []);
  t.false(dropped.members.some(({ site }) => site === 'site3'));
});
