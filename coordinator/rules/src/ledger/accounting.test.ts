// The books over 100,000 random operations: nothing is lost, nothing is overdrawn, and any part of
// the operations gives the same books again.

import { digestOf } from '@starling/crypto';
import type { LedgerTerms, MemberId, Roster } from '@starling/shared';
import test from 'ava';
import { genesisTerms, openAccounting } from './accounting.ts';
import { escrowAccount, memberAccount, stakeAccount, unbondingAccount } from './accounts.ts';
import { carryOut, countRound, lockEscrow, returnEscrow, slash } from './carry-out.ts';
import { type LedgerContext, type LedgerOrder, objectionToOrder } from './check-order.ts';
import { Ledger } from './ledger.ts';
import { payForRecall, recordContributors } from './usefulness.ts';

const OPERATIONS = 100_000;
const SEED = 7;
const SUPPLY = 1_000_000n;
const NOW_MS = 1_000;
const MEMBERS = Array.from({ length: 8 }, (_, i) => `${i + 1}`.repeat(64) as MemberId);
const DIGEST = digestOf(new Uint8Array());

const TERMS: LedgerTerms = {
  ...genesisTerms({ rewards: { acceptedUpdate: 40, supply: 0, vote: 3 } }),
  epochRounds: 3,
  escrow: 70,
  slashing: { session: 150, update: 90, vote: 400 },
  stakeMin: 50,
  transferFee: 2,
  unbondingEpochs: 2,
  usefulness: { fullGainMicros: 50_000, pool: 5_000 },
};

/** One random operation, as numbers: what it does, who does it, with how much. */
type Operation = readonly [what: number, who: number, other: number, amount: number];

/** xorshift32 (Marsaglia 2003). */
function* numbers(seed: number): Generator<number, never> {
  let x = seed;
  for (;;) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield x >>> 0;
  }
}

function operations(count: number): Operation[] {
  const source = numbers(SEED);
  const next = (): number => source.next().value;
  return Array.from({ length: count }, () => [next() % 100, next() % 8, next() % 8, next() % 400]);
}

function opened(): LedgerContext {
  const members = MEMBERS.map((member) => ({ member, role: 'peer', status: 'active' }));
  const accounting = openAccounting({ rewards: { acceptedUpdate: 0, supply: 0, vote: 0 } });
  accounting.terms = TERMS;
  const ledger = new Ledger();
  ledger.issue(SUPPLY, 1);
  const roster = { members } as unknown as Roster;
  return { accounting, ledger, roster, successors: new Map() };
}

/** @returns whether an order was refused */
function apply(context: LedgerContext, [what, who, other, amount]: Operation, i: number): boolean {
  const { accounting, ledger } = context;
  const at = { seq: i + 2, round: i };
  const member = MEMBERS[who] as MemberId;
  const cohort = MEMBERS.filter((_, index) => (amount >> index) % 2 === 0);
  if (what < 65) return !obey(context, orderOf(context, what, member, other, amount), at);
  if (what < 75) ledger.reward(member, BigInt(amount), { ...at, reason: 'vote' });
  else if (what < 82) lockEscrow(context, cohort, at);
  else if (what < 92) {
    recordContributors(context, i, cohort);
    returnEscrow(context, at);
    countRound(context, at);
  } else if (what < 96) payForRecall(context, member, { version: i, recallMicros: amount * i }, at);
  else if (what < 99) slash(context, member, BigInt(amount), at);
  else accounting.terms = { ...TERMS, escrow: amount, transferFee: other, stakeMin: amount };
  return false;
}

function orderOf(
  { accounting }: LedgerContext,
  what: number,
  owner: MemberId,
  other: number,
  amount: number,
): LedgerOrder {
  const used = accounting.orders.get(owner)?.sequence ?? 0;
  // Now and then a number that was used, or one that is too high.
  const sequence = used + (amount % 17 === 0 ? 0 : amount % 19 === 0 ? 2 : 1);
  const fields = { amount: amount + 1, expiresAtMs: NOW_MS + (amount % 23) - 1, sequence };
  if (what < 35) {
    const to = MEMBERS[other] as MemberId;
    const body = { ...fields, feeMax: 5, memo: '', to };
    return { kind: 'transfer', owner, digest: DIGEST, body };
  }
  const direction = what < 50 ? 'stake' : 'unstake';
  return { kind: 'stake', owner, digest: DIGEST, body: { ...fields, direction } };
}

function obey(context: LedgerContext, order: LedgerOrder, at: { seq: number; round: number }) {
  if (objectionToOrder(context, order, NOW_MS) !== undefined) return false;
  carryOut(context, order, at);
  return true;
}

/** Everything that the operations made, as text. */
function digestible({ accounting, ledger }: LedgerContext): string {
  const { contributors, orders, recall } = accounting;
  const maps = [...contributors, ...orders, ...recall];
  return JSON.stringify([accounting, maps, ledger.record, ledger.entries], (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

function sumOf({ ledger }: LedgerContext): bigint {
  return ledger.accounts().reduce((sum, account) => sum + ledger.balance(account), 0n);
}

test(`supply, balances and stakes hold after each of ${OPERATIONS} random operations`, (t) => {
  t.log(`seed ${SEED}`);
  const context = opened();
  const { accounting, ledger } = context;
  let [refused, entries] = [0, 0];
  for (const [i, operation] of operations(OPERATIONS).entries()) {
    const before = ledger.count;
    const member = MEMBERS[operation[1]] as MemberId;
    const atStake = stakeOf(context, member);
    if (apply(context, operation, i)) refused += 1;
    ledger.assertBalanced();
    if (ledger.balance('issuance') !== -SUPPLY) t.fail(`supply changed at operation ${i}`);
    for (const { seq, reason, amount } of ledger.entriesSince(before)) {
      entries += 1;
      if (seq !== i + 2) t.fail(`entry ${entries} names event ${seq}, made by ${i + 2}`);
      if (reason === 'slashed' && amount > atStake) t.fail(`more was slashed than was at stake`);
    }
  }
  const waiting = accounting.unbonding.reduce((sum, { amount }) => sum + amount, 0n);
  const held = MEMBERS.reduce((sum, each) => sum + ledger.balance(unbondingAccount(each)), 0n);
  t.is(waiting, held, 'what is being unbonded is what its accounts hold');
  t.is(sumOf(context), 0n);
  t.is(ledger.count, entries + 1);
  const reasons = new Set(ledger.entries.map(({ reason }) => reason));
  t.true(reasons.size >= 10, [...reasons].join());
  t.true(refused > 1_000 && refused < OPERATIONS / 2, `${refused} orders were refused`);
});

test('the operations up to any place give the same books again, and so does what follows them', (t) => {
  const all = operations(OPERATIONS / 4);
  const places = [1, 9, 500, 7_777, 12_345, 24_999];
  const context = opened();
  const books = new Map<number, string>();
  for (const [i, operation] of all.entries()) {
    if (places.includes(i)) books.set(i, digestible(context));
    apply(context, operation, i);
  }
  const last = digestible(context);
  for (const place of places) {
    const again = opened();
    for (const [i, operation] of all.entries()) {
      if (i === place) t.is(digestible(again), books.get(place) ?? '');
      apply(again, operation, i);
    }
    t.is(digestible(again), last);
  }
});

test('a record of the books goes on as the books themselves', (t) => {
  const context = opened();
  const all = operations(4_000);
  for (const [i, operation] of all.slice(0, 2_000).entries()) apply(context, operation, i);
  const restored = { ...context, ledger: new Ledger(context.ledger.record) };
  restored.accounting.unbonding = [...context.accounting.unbonding];
  t.deepEqual(restored.ledger.record, context.ledger.record);
  t.is(restored.ledger.entries.length, 0, 'entries are in the log, not in the record');
  restored.ledger.assertBalanced();
  lockEscrow(restored, MEMBERS, { seq: 1, round: 1 });
  t.true(restored.ledger.entriesSince(context.ledger.count).length > 0);
});

/** All that a penalty may take. */
function stakeOf({ ledger }: LedgerContext, member: MemberId): bigint {
  const accounts = [escrowAccount(member), stakeAccount(member), unbondingAccount(member)];
  return accounts.reduce((sum, account) => sum + ledger.balance(account), 0n);
}

test('a penalty takes what is locked, then the stake, then the youngest of what is unbonding', (t) => {
  const context = opened();
  const { accounting, ledger } = context;
  const [member] = MEMBERS as [MemberId];
  const at = { seq: 9, round: 1 };
  ledger.move('treasury', stakeAccount(member), 100n, { ...at, reason: 'staked' });
  ledger.move('treasury', memberAccount(member), 33n, { ...at, reason: 'vote' });
  ledger.move('treasury', unbondingAccount(member), 60n, { ...at, reason: 'unstaked' });
  accounting.unbonding = [
    { member, amount: 20n, untilEpoch: 1 },
    { member, amount: 40n, untilEpoch: 2 },
  ];
  lockEscrow(context, [member], at);
  t.is(ledger.balance(escrowAccount(member)), 70n);
  slash(context, member, 150n, at);
  const [locked, stake, back] = ledger.entriesSince(ledger.count - 3);
  t.deepEqual([locked?.amount, stake?.amount, back?.amount], [70n, 30n, 50n]);
  t.deepEqual(accounting.unbonding, [{ member, amount: 10n, untilEpoch: 1 }]);
  slash(context, member, 1_000n, at);
  t.is(stakeOf(context, member), 0n);
  t.is(ledger.balance(memberAccount(member)), 33n, 'the free balance is never taken');
  t.deepEqual(accounting.unbonding, []);
});
