// Rosters at a running site, with the coordinator's key in the wrong hands: it is one of three
// administrators, and two are needed.

import type { Identity } from '@starling/crypto';
import { nextRoster, openRoster } from '@starling/rules';
import type { Digest, RefusalReason, Roster } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import {
  ALICE,
  admitSigned,
  BOB,
  signedRoster,
  signProposal,
  TWO_OF_THREE,
} from './administrators.ts';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { DishonestCoordinator } from './dishonest-coordinator.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const DAY_MS = 24 * 3600 * 1000;

async function deceived(t: ExecutionContext, rosterLifeMs = DAY_MS) {
  const wiretap = new Wiretap();
  const options = { sites: 2, wrapBus: wiretap.wrap, founding: TWO_OF_THREE, rosterLifeMs };
  const cluster = await MemoryCluster.found(t, options);
  await signProposal(cluster, [ALICE]);
  for (const site of cluster.sites) await admitSigned(cluster, site, [BOB]);
  const [site] = cluster.sites as [ClusterSite];
  const coordinator = await DishonestCoordinator.takeOver(cluster, cluster.sites);
  await site.start();
  const hear = (frame: Uint8Array) => wiretap.deliver(site.transportId, 'control', frame);
  const tell = (roster?: Uint8Array) => hear(coordinator.noticeFrame(roster));
  await tell();
  const { seq } = coordinator.state.roster;
  await cluster.until('the newest roster', () => site.peer.status().roster.seq === seq);
  const forged = (changes: Partial<Roster>, signers: readonly Identity[]) =>
    signedRoster(cluster, changes, signers);
  return { cluster, coordinator, forged, hear, own: cluster.node.identity, seq, site, tell };
}

function digestOfRoster(signed: Uint8Array, { state }: DishonestCoordinator): Digest {
  const opened = openRoster(signed, state);
  if (!opened.ok) throw new Error(opened.refusal.detail);
  return opened.value.bodyDigest;
}

test('a forged, a fork of a, an old, a skipping or an expired roster changes nothing', async (t) => {
  const { cluster, coordinator, forged, own, seq, site, tell } = await deceived(t);
  const nowMs = cluster.clock.nowMs();
  const mallory = identityOf('mallory');
  const both = [own, ALICE];
  const { roster } = coordinator.state;
  const cases: readonly (readonly [string, Uint8Array, RefusalReason])[] = [
    ['one signature short', forged({}, [own]), 'not-permitted'],
    ['signed by a stranger', forged({}, [own, mallory]), 'not-permitted'],
    ['signed by nobody', forged({}, []), 'not-permitted'],
    ['replayed', coordinator.signedRoster(seq - 1), 'replay'],
    ['skipping one', forged({ seq: seq + 2 }, both), 'not-yet-valid'],
    [
      'on another past',
      forged({ previous: coordinator.state.federation as never }, both),
      'equivocation',
    ],
    [
      'a second one of a number',
      forged({ ...roster, notAfterMs: nowMs + 7 }, both),
      'equivocation',
    ],
    ['expired', forged({ notAfterMs: nowMs }, both), 'expired'],
    ['without a member', forged({ members: roster.members.slice(1) }, both), 'wrong-shape'],
    ['no roster', new Uint8Array(9), 'malformed-cbor'],
  ];
  for (const [title, bytes, reason] of cases) {
    const verdict = await tell(bytes);
    t.is(verdict.kind === 'accept' ? 'accept' : verdict.reason, reason, title);
    await cluster.clock.advance(100);
    t.is(site.peer.status().roster.seq, seq, title);
  }
  await site.stop();
  await site.start();
  t.is(site.peer.status().roster.seq, seq);
  t.like(await tell(forged({}, both)), { kind: 'accept' });
  t.is(site.peer.status().roster.seq, seq + 1);
});

test('a site that missed rosters follows them one by one, and takes no other links', async (t) => {
  const { cluster, coordinator, forged, own, seq, site, tell } = await deceived(t);
  const { roster, rosterDigest } = coordinator.state;
  const link = forged({ notAfterMs: cluster.clock.nowMs() }, [own, ALICE]);
  const terms = { nowMs: cluster.clock.nowMs(), lifeMs: DAY_MS };
  const next = nextRoster({ roster, digest: rosterDigest }, roster, { kind: 'renew' }, terms);
  // Names the link as the one before it.
  const previous = digestOfRoster(link, coordinator);
  const newest = forged({ ...next, seq: seq + 2, previous }, [own, BOB]);
  for (const wrong of [null, forged({}, [own]), coordinator.signedRoster(seq - 1)]) {
    coordinator.linkWith(wrong);
    t.like(await tell(newest), { kind: 'ignore', reason: 'not-yet-valid' });
    await cluster.clock.advance(1_000);
    t.is(site.peer.status().roster.seq, seq);
  }
  // The link has ended by now, as the rosters of a site's absence have.
  coordinator.linkWith(link);
  await tell(newest);
  await cluster.until('the link', () => site.peer.status().roster.seq === seq + 1);
  t.true(site.peer.status().roster.expired);
  t.like(await tell(newest), { kind: 'accept' });
  t.like(site.peer.status().roster, { seq: seq + 2, expired: false });
});

test('under an expired roster a site starts no round and says so; renewed, it goes on', async (t) => {
  const world = await deceived(t, 20_000);
  const { cluster, coordinator, forged, hear, own, site, tell } = world;
  const plan = await coordinator.plan();
  await cluster.clock.advance(20_000);
  t.true(site.peer.status().roster.expired);
  t.like(await hear(coordinator.planFrame(plan)), { kind: 'ignore', reason: 'expired' });
  const renewed = forged({}, [own, BOB]);
  t.like(await tell(renewed), { kind: 'accept' });
  t.false(site.peer.status().roster.expired);
  t.like(await hear(coordinator.planFrame(plan)), { kind: 'ignore', reason: 'expired' });
  const roster = digestOfRoster(renewed, coordinator);
  t.like(await hear(coordinator.planFrame({ ...plan, roster })), { kind: 'accept' });
});

test('a round that was started goes on here, though its roster ends, over a restart too', async (t) => {
  const { cluster, coordinator, hear, site } = await deceived(t, 20_000);
  const frame = coordinator.planFrame(await coordinator.plan());
  t.like(await hear(frame), { kind: 'accept' });
  await cluster.clock.advance(20_000);
  t.true(site.peer.status().roster.expired);
  await site.stop();
  await site.start();
  t.like(await hear(frame), { kind: 'accept' });
  const another = coordinator.planFrame(await coordinator.plan({ round: 2 }));
  t.like(await hear(another), { kind: 'ignore', reason: 'expired' });
});

test('an old roster from before a revocation carries no new round', async (t) => {
  const { cluster, coordinator, forged, hear, own, site, tell } = await deceived(t);
  const [, other] = cluster.sites as [ClusterSite, ClusterSite];
  const { roster, rosterDigest } = coordinator.state;
  const before = coordinator.planFrame(await coordinator.plan());
  const terms = { nowMs: cluster.clock.nowMs(), lifeMs: DAY_MS };
  const revoke = { kind: 'revoke', member: other.identity.member, reason: 'left' } as const;
  const next = nextRoster({ roster, digest: rosterDigest }, roster, revoke, terms);
  t.like(await tell(forged(next, [own, ALICE])), { kind: 'accept' });
  t.like(await hear(before), { kind: 'ignore', reason: 'unknown-plan' });
  t.is(site.peer.status().standing, 'active');
});
