import { createIdentity, type Identity, signStatement } from '@starling/crypto';
import { roster } from '@starling/shared';
import test from 'ava';
import { History, MEMBERS, payloadOf, START_MS } from '../history-fixture.ts';
import { memberAccount } from '../ledger/accounts.ts';
import { nextStep } from '../next-step.ts';
import { DEFAULT_SCHEDULE } from '../schedule/schedule.ts';
import { presentMember, ROSTERS_KEPT_MAX } from './fold-roster.ts';
import type { RosterChange } from './next-roster.ts';
import { readRoster } from './open-roster.ts';

const [a, b, c, d] = MEMBERS as [Identity, Identity, Identity, Identity];
const fresh = createIdentity(new Uint8Array(32).fill(50));
const impossible = { code: 'impossible-event' } as const;

/** What puts `next` in the place of a member, as a binding record would say it. */
function rotate(history: History, from: Identity, next: Identity): RosterChange {
  const entry = history.state.roster.members.find(({ member }) => member === from.member);
  if (entry === undefined) throw new Error('no such member');
  const body = {
    channelKey: new Uint8Array(32),
    member: next.member,
    notAfterMs: entry.bindingUntilMs,
    notBeforeMs: START_MS,
    previous: entry.binding,
    publicKey: next.publicKey,
    seq: entry.bindingSeq + 1,
    site: entry.site,
    suite: 'ml-dsa-65',
    transportId: entry.transportId,
  } as const;
  const bound = { body, bodyDigest: payloadOf('another binding').root };
  return { kind: 'rebind', member: from.member, bound };
}

const revoke = ({ member }: Identity): RosterChange => ({ kind: 'revoke', member, reason: 'left' });

/** A round that `a`, `b` and `c` trained in and voted on, and that is final. */
function finished(history = new History()): History {
  history.register().open().update(a).update(b).update(c).refuse(d).sum();
  return history.vote(a).vote(b).vote(c).finalise();
}

test('what a member earned, and what it still earns for older work, follows its key', (t) => {
  const history = finished();
  const earned = history.state.ledger.balance(memberAccount(a.member));
  history.changeRoster(rotate(history, a, fresh));
  const { ledger } = history.state;
  t.is(ledger.balance(memberAccount(a.member)), 0n);
  t.is(ledger.balance(memberAccount(fresh.member)), earned);
  // A late vote of the old key, for the round that named it.
  const late = new History().register().open().update(a).update(b).update(c).refuse(d).sum();
  late
    .vote(b)
    .vote(c)
    .vote(d)
    .finalise()
    .changeRoster(rotate(late, a, fresh))
    .vote(a);
  t.is(late.state.ledger.balance(memberAccount(a.member)), 0n);
  t.is(late.state.ledger.balance(memberAccount(fresh.member)), 11n);
  t.notThrows(() => late.state.ledger.assertBalanced());
});

test('a key that was rotated twice is followed to the last one', (t) => {
  const history = finished();
  const last = createIdentity(new Uint8Array(32).fill(51));
  history.changeRoster(rotate(history, a, fresh)).changeRoster(rotate(history, fresh, last));
  t.is(presentMember(history.state, a.member), last.member);
  t.is(presentMember(history.state, b.member), b.member);
  t.is(history.state.ledger.balance(memberAccount(last.member)), 11n);
  t.true(history.state.registrations.has(last.member));
  t.false(history.state.registrations.has(a.member));
});

test('a revoked member keeps what it has, and is no voter of the next round', (t) => {
  const history = finished();
  const earned = history.state.ledger.balance(memberAccount(a.member));
  history.changeRoster(revoke(a));
  t.is(history.state.ledger.balance(memberAccount(a.member)), earned);
  t.false(history.open().round.plan.voters.includes(a.member));
});

test('a proposal is signed by administrators only, and the roster in force ends it', (t) => {
  const history = new History();
  const { federation, roster: current } = history.state;
  const next = new History().changeRoster(revoke(d)).state;
  const frame = next.rosterFrames.get(next.rosterDigest) ?? new Uint8Array();
  const { body, bodyBytes, bodyDigest } = readRoster(frame);
  t.is(body.seq, current.seq + 1);
  const proposed = { body: bodyBytes, invitations: [], proofs: [] };
  history.push({ type: 'roster-proposed', payload: proposed });
  t.is(history.state.proposal?.bodyDigest, bodyDigest);
  const [administrator] = history.state.genesis.administrators;
  const signature = signStatement(a, roster, federation, bodyBytes);
  const sign = (member: Identity['member'], proposal = bodyDigest) => {
    return history.push({ type: 'roster-signed', payload: { member, proposal, signature } });
  };
  t.throws(() => sign(a.member), impossible);
  if (administrator === undefined) return t.fail();
  t.throws(() => sign(administrator.member, payloadOf('x').root), impossible);
});

test('a proposal that does not follow the roster in force is no event', (t) => {
  const later = new History().changeRoster(revoke(d)).changeRoster(revoke(c)).state;
  const frame = later.rosterFrames.get(later.rosterDigest) ?? new Uint8Array();
  const { bodyBytes } = readRoster(frame);
  const payload = { body: bodyBytes, invitations: [], proofs: [] };
  t.throws(() => new History().push({ type: 'roster-proposed', payload }), impossible);
});

test('memory holds the newest rosters, and the one that an open round names', (t) => {
  const history = new History().register().open();
  const named = history.round.plan.roster;
  for (let i = 0; i < 2 * ROSTERS_KEPT_MAX; i++) history.changeRoster({ kind: 'renew' });
  const { rosterDigest, rosterEvents, rosterFrames } = history.state;
  t.is(rosterFrames.size, ROSTERS_KEPT_MAX);
  t.true(rosterFrames.has(named) && rosterFrames.has(rosterDigest));
  t.is(rosterEvents.length, 2 * ROSTERS_KEPT_MAX + 1);
});

test('a round that revocations leave without a quorum fails before its sum, never after', (t) => {
  const presence = {
    nowMs: START_MS + 1,
    awaySinceMs: new Map(),
    watchedSinceMs: START_MS,
    declined: new Map(),
  };
  const step = ({ state }: History) => nextStep(state, presence, DEFAULT_SCHEDULE);
  const open = new History().register().open().update(a).update(b);
  t.is(step(open.changeRoster(revoke(d))).kind, 'wait');
  const failed = step(open.changeRoster(revoke(c)));
  if (failed.kind !== 'fail-round') return t.fail(failed.kind);
  t.regex(failed.why, /too few voters/);
  t.deepEqual(
    failed.missing.map(({ member }) => member),
    [c.member, d.member],
  );
  const summed = new History().register().open().update(a).update(b).update(c).update(d).sum();
  t.is(step(summed.changeRoster(revoke(d)).changeRoster(revoke(c))).kind, 'wait');
});
