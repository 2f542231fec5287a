// Accounts in a running federation: orders go to the coordinator, their outcome comes back, and no
// crash in between gives one twice or loses it.

import { type Identity, sealMessage } from '@starling/crypto';
import { memberAccount, stakeAccount } from '@starling/rules';
import {
  decodeCanonical,
  encodeCanonical,
  LEDGER_PROTOCOL,
  type LedgerAnswer,
  type LedgerTransfer,
  ledgerAnswerSchema,
  ledgerTransfer,
  modelVote,
} from '@starling/shared';
import test from 'ava';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

/** Three sites with ten units for an update each, and one more where the vote was in time. */
async function paidCluster(t: Parameters<typeof MemoryCluster.start>[0], wiretap = new Wiretap()) {
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const [from, to] = cluster.sites as [ClusterSite, ClusterSite];
  return { cluster, from, to };
}

function free(cluster: MemoryCluster, site: ClusterSite): bigint {
  return cluster.replay().ledger.balance(memberAccount(site.identity.member));
}

/** Runs the clock until the promise is settled. */
async function settled<T>(cluster: MemoryCluster, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  promise.then(done, done);
  await cluster.until('the outcome', () => isDone);
  return promise;
}

async function sent(
  { cluster, from }: { cluster: MemoryCluster; from: ClusterSite },
  frame: Uint8Array,
): Promise<LedgerAnswer> {
  const request = encodeCanonical({ frame, kind: 'order' });
  const asked = from.bus.request(cluster.node.transportId, LEDGER_PROTOCOL, request, {
    answerBytesMax: 4096,
  });
  const decoded = decodeCanonical(await settled(cluster, asked), 4096);
  return ledgerAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
}

function frameBy(cluster: MemoryCluster, owner: Identity, body: Partial<LedgerTransfer>) {
  const [, to] = cluster.sites as [ClusterSite, ClusterSite];
  const expiresAtMs = cluster.clock.nowMs() + HOUR_MS;
  const fields = { amount: 1, expiresAtMs, feeMax: 0, memo: '', sequence: 1 };
  const content = { ...fields, to: to.identity.member, ...body };
  return sealMessage(owner, ledgerTransfer, { federation: cluster.federation, body: content });
}

test('a site pays another one, stakes the rest, and both stand in every replay', async (t) => {
  const { cluster, from, to } = await paidCluster(t);
  const [before, got] = [free(cluster, from), free(cluster, to)];
  const wish = { kind: 'transfer', amount: 4, memo: 'eggs', to: to.identity.member } as const;
  const order = await settled(cluster, from.peer.ledger.submit(wish, HOUR_MS, NEVER));
  t.like(order, { state: 'recorded', sequence: 1, amount: 4, to: to.identity.member });
  t.is(cluster.events()[(order.event ?? 0) - 1]?.type, 'transfer-received');
  t.is(free(cluster, from), before - 4n);
  t.is(free(cluster, to), got + 4n);
  const stake = { kind: 'stake', amount: Number(before - 4n) } as const;
  t.like(await settled(cluster, from.peer.ledger.submit(stake, HOUR_MS, NEVER)), {
    state: 'recorded',
    sequence: 2,
  });
  const account = await settled(cluster, from.peer.ledger.account(NEVER));
  t.like(account, { free: 0, stake: stake.amount, sequence: 2, rules: null });
  const { accounting, ledger } = cluster.replay();
  t.is(ledger.balance(stakeAccount(from.identity.member)), before - 4n);
  t.is(accounting.orders.get(from.identity.member)?.event, cluster.replay().head);
  ledger.assertBalanced();
});

test('unsigned, foreign, replayed, overdrawn and expired transfers are refused, and the sender sees why', async (t) => {
  const paid = await paidCluster(t);
  const { cluster, from } = paid;
  const head = cluster.replay().head;
  const good = frameBy(cluster, from.identity, {});
  const decoded = decodeCanonical(good, 8192);
  const { signed } = (decoded.ok ? decoded.value : {}) as { signed: Uint8Array };
  const unsigned = encodeCanonical({ signature: new Uint8Array(), signed });
  const stranger = sealMessage(identityOf('stranger'), ledgerTransfer, {
    federation: cluster.federation,
    body: { amount: 1, expiresAtMs: 1, feeMax: 0, memo: '', sequence: 1, to: from.identity.member },
  });
  const other = (cluster.sites[1] as ClusterSite).identity;
  const cases: [LedgerAnswer['outcome'], string, Uint8Array][] = [
    ['refused', 'unsigned', unsigned],
    ['refused', 'foreign-key', stranger],
    ['refused', 'foreign-key', frameBy(cluster, other, { to: from.identity.member })],
    ['refused', 'overdrawn', frameBy(cluster, from.identity, { amount: 12 })],
    ['refused', 'expired', frameBy(cluster, from.identity, { expiresAtMs: 1 })],
    ['refused', 'out-of-order', frameBy(cluster, from.identity, { sequence: 2 })],
    [
      'refused',
      'unknown-recipient',
      frameBy(cluster, from.identity, { to: cluster.node.identity.member }),
    ],
    ['refused', 'malformed', new Uint8Array([1, 2])],
  ];
  for (const [outcome, reason, frame] of cases)
    t.like(await sent(paid, frame), { outcome, reason });
  t.is(cluster.replay().head, head, 'nothing was written');
  const first = await sent(paid, good);
  t.like(first, { outcome: 'recorded', event: head + 1 });
  t.deepEqual(await sent(paid, good), first, 'the same order again has the same outcome');
  const replayed = frameBy(cluster, from.identity, { amount: 2 });
  t.like(await sent(paid, replayed), { outcome: 'refused', reason: 'replayed' });
  t.is(cluster.replay().head, head + 1);
  const wish = { kind: 'transfer', amount: 99, memo: '', to: other.member } as const;
  t.like(await settled(cluster, from.peer.ledger.submit(wish, HOUR_MS, NEVER)), {
    state: 'refused',
    reason: 'overdrawn',
    detail: `99 with the fee, the free balance is ${free(cluster, from)}`,
  });
});

test('an order survives a coordinator that dies between receipt and answer, and the site itself', async (t) => {
  const { cluster, from, to } = await paidCluster(t);
  const wish = { kind: 'transfer', amount: 3, memo: '', to: to.identity.member } as const;
  const got = free(cluster, to);
  const impatient = new AbortController();
  const waiting = from.peer.ledger.submit(wish, HOUR_MS, impatient.signal);
  await cluster.untilEvent('transfer-received');
  const recorded = cluster.replay().head;
  // The event is durable; whatever answer was on its way is lost with the process.
  await cluster.stopCoordinator();
  impatient.abort();
  const left = await waiting;
  t.true(left.state === 'waiting' || left.state === 'recorded');
  await from.stop();
  await from.store.write([
    { table: 'state', key: 'ledger-order', value: await asUnanswered(from) },
  ]);
  await from.start();
  t.is(from.peer.ledger.order?.state, 'waiting');
  await t.throwsAsync(from.peer.ledger.submit(wish, HOUR_MS, NEVER), { code: 'order-pending' });
  await cluster.startCoordinator();
  await cluster.until('the outcome', () => from.peer.ledger.order?.state === 'recorded');
  t.is(from.peer.ledger.order?.event, recorded);
  t.is(cluster.events().filter(({ type }) => type === 'transfer-received').length, 1);
  t.is(free(cluster, to), got + 3n);
});

/** The site's record of its order as it was before the answer came. */
async function asUnanswered(site: ClusterSite): Promise<Uint8Array> {
  const bytes = (await site.store.get('state', 'ledger-order')) ?? new Uint8Array();
  const decoded = decodeCanonical(bytes, 65_536);
  const { frame } = (decoded.ok ? decoded.value : {}) as { frame: Uint8Array };
  return encodeCanonical({ frame, outcome: null });
}

test('a site that votes twice is recorded with both votes, and pays with its stake', async (t) => {
  const wiretap = new Wiretap();
  const { cluster } = await paidCluster(t, wiretap);
  const { accounting, round } = cluster.replay();
  const from = cluster.sites.find(({ identity }) => round?.votes.has(identity.member));
  if (from === undefined) return t.fail('a quorum voted');
  const slashing = { session: 0, update: 0, vote: 5 };
  t.like(await cluster.coordinator.ledger.proposeRules({ ...accounting.terms, slashing }), {
    kind: 'in-force',
    seq: 1,
  });
  await settled(cluster, from.peer.ledger.submit({ kind: 'stake', amount: 9 }, HOUR_MS, NEVER));
  const vote = round?.votes.get(from.identity.member);
  if (vote === undefined) return t.fail();
  const body = { ...vote.body, model: vote.body.base };
  const lie = sealMessage(from.identity, modelVote, { federation: cluster.federation, body });
  const verdict = await wiretap.deliver(cluster.node.transportId, 'vote', lie);
  t.like(verdict, { reason: 'equivocation' });
  await wiretap.deliver(cluster.node.transportId, 'vote', lie);
  const { ledger } = cluster.replay();
  t.is(ledger.balance(stakeAccount(from.identity.member)), 4n);
  t.is(cluster.events().filter(({ type }) => type === 'member-equivocated').length, 1);
});
