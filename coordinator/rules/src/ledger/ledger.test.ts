import type { MemberId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { memberAccount } from './accounts.ts';
import { Ledger } from './ledger.ts';

const members = ['aa', 'bb', 'cc'].map((digits) => digits.repeat(32) as MemberId);

const payment = fc.record({
  amount: fc.bigInt({ min: -5n, max: 400n }),
  member: fc.constantFrom(...members),
});

test('the books balance after every history of rewards', (t) => {
  const histories = fc.array(payment, { maxLength: 60 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 5000n }), histories, (supply, payments) => {
      const ledger = new Ledger();
      ledger.issue(supply, 1);
      for (const [i, { amount, member }] of payments.entries()) {
        ledger.reward(member, amount, { seq: i + 2, reason: 'vote', round: 1 });
        ledger.assertBalanced();
      }
      const earned = members.reduce((sum, name) => sum + ledger.balance(memberAccount(name)), 0n);
      t.is(earned + ledger.balance('treasury'), supply);
      t.is(ledger.balance('issuance'), -supply);
    }),
  );
});

test('balances are the sums of the entries', (t) => {
  fc.assert(
    fc.property(fc.array(payment, { maxLength: 60 }), (payments) => {
      const ledger = new Ledger();
      ledger.issue(3000n, 1);
      for (const { amount, member } of payments) {
        ledger.reward(member, amount, { seq: 2, reason: 'accepted-update', round: 1 });
      }
      for (const account of ledger.accounts()) {
        const sum = ledger.entries.reduce((total, { amount, from, to }) => {
          return total + (to === account ? amount : 0n) - (from === account ? amount : 0n);
        }, 0n);
        t.is(ledger.balance(account), sum);
      }
    }),
  );
});

test('an empty treasury pays what it holds, then nothing', (t) => {
  const [alice, bob] = members as [MemberId, MemberId];
  const ledger = new Ledger();
  ledger.issue(25n, 1);
  const cause = { seq: 2, reason: 'accepted-update', round: 1 } as const;
  for (const member of [alice, alice, bob, bob]) ledger.reward(member, 10n, cause);
  t.is(ledger.balance(memberAccount(alice)), 20n);
  t.is(ledger.balance(memberAccount(bob)), 5n);
  t.is(ledger.balance('treasury'), 0n);
  t.is(ledger.entries.length, 4);
  t.notThrows(() => ledger.assertBalanced());
});
