import { type Identity, sealMessage, statementFrame } from '@starling/crypto';
import { modelVote } from '@starling/shared';
import test from 'ava';
import { encodeForm } from '../administrators/signed-form.ts';
import { COORDINATOR, History, MEMBERS, payloadOf } from '../history-fixture.ts';
import { escrowAccount, memberAccount, stakeAccount, unbondingAccount } from './accounts.ts';
import { changeRules, evaluationBy, rulesFrame, stakeBy, transferBy } from './ledger-fixture.ts';
import { openRuleSet } from './rule-set.ts';

const [ANN, BEN, CLEO, DORA] = MEMBERS as [Identity, Identity, Identity, Identity];

/** A history with one final version, after which each of the four sites has 11 units. */
function afterOneRound(): History {
  return finalRound(new History().register());
}

function finalRound(history: History): History {
  history.open();
  for (const site of MEMBERS) history.update(site);
  history.sum();
  for (const site of MEMBERS) history.vote(site);
  return history.finalise();
}

function free(history: History, site: Identity): bigint {
  return history.state.ledger.balance(memberAccount(site.member));
}

test('a transfer moves the amount, its fee goes to the fees and at the end of an epoch to the treasury', (t) => {
  const history = changeRules(afterOneRound(), { transferFee: 2 });
  const { ledger } = history.state;
  const treasury = ledger.balance('treasury');
  history.push(transferBy(history, ANN, { amount: 5, to: BEN.member }));
  t.deepEqual([free(history, ANN), free(history, BEN), ledger.balance('fees')], [4n, 16n, 2n]);
  const { seq } = ledger.entries.at(-1) ?? {};
  t.is(seq, history.events.length);
  history.open().fail();
  t.is(ledger.balance('fees'), 0n);
  t.is(ledger.balance('treasury'), treasury + 2n);
  ledger.assertBalanced();
});

test('a transfer that is replayed, overdrawn, expired, too early or of somebody else is no event', (t) => {
  const history = afterOneRound();
  const good = transferBy(history, ANN, { amount: 5, to: BEN.member });
  history.push(good);
  const to = BEN.member;
  const bad: [RegExp, () => unknown][] = [
    [/replayed: order 1 was used, the next one is 2/, () => history.push(good)],
    [/out-of-order/, () => history.push(transferBy(history, ANN, { amount: 1, to, sequence: 9 }))],
    [/overdrawn: 7 with the fee/, () => history.push(transferBy(history, ANN, { amount: 7, to }))],
    [/expired/, () => history.push(transferBy(history, ANN, { amount: 1, to, expiresAtMs: 1 }))],
    [
      /to the account that it comes from/,
      () => history.push(transferBy(history, BEN, { amount: 1, to })),
    ],
    [
      /no site/,
      () => history.push(transferBy(history, ANN, { amount: 1, to: COORDINATOR.member })),
    ],
    [
      /expires-late/,
      () =>
        history.push(transferBy(history, ANN, { amount: 1, to, expiresAtMs: history.nowMs * 2 })),
    ],
  ];
  for (const [message, push] of bad) t.throws(push, { code: 'impossible-event', message });
  const foreign = transferBy(history, ANN, { amount: 1, to });
  if (foreign.type !== 'transfer-received') return t.fail();
  const stolen = { ...foreign, payload: { ...foreign.payload, member: CLEO.member } };
  t.throws(() => history.push(stolen), { message: /not signed by a member whose order it is/ });
  t.is(free(history, ANN), 6n);
});

test('a rule set counts with the signatures of the administrators, and each follows the one before', (t) => {
  const history = afterOneRound();
  const trust = history.state;
  t.true(openRuleSet(rulesFrame(history, { transferFee: 1 }), trust).ok);
  t.false(openRuleSet(rulesFrame(history, { transferFee: 1 }, []), trust).ok);
  t.false(openRuleSet(rulesFrame(history, { transferFee: 1 }, [ANN]), trust).ok);
  const forged = encodeForm(new Uint8Array([1]), new Map());
  t.false(openRuleSet(forged, trust).ok);
  const first = rulesFrame(history, { rewards: { acceptedUpdate: 1, vote: 0 } });
  history.push({ type: 'ledger-rules-changed', payload: { rules: first } });
  t.throws(() => history.push({ type: 'ledger-rules-changed', payload: { rules: first } }), {
    code: 'impossible-event',
    message: /rule set 1, the next one is 2/,
  });
  t.is(history.state.accounting.rules?.seq, 1);
  finalRound(history);
  t.is(free(history, ANN), 12n, 'ten and one by the genesis, one by the rules');
});

test('an open round locks stakes as far as the rules say, and gives them back when it is closed', (t) => {
  const history = changeRules(afterOneRound(), { escrow: 4 });
  history.push(stakeBy(history, ANN, 'stake', 6)).push(stakeBy(history, BEN, 'stake', 3));
  const { ledger } = history.state;
  history.open();
  t.is(ledger.balance(escrowAccount(ANN.member)), 4n);
  t.is(ledger.balance(escrowAccount(BEN.member)), 3n, 'no more than there is');
  t.throws(() => history.push(stakeBy(history, ANN, 'unstake', 3)), { message: /4 are locked/ });
  history.fail();
  t.is(ledger.balance(stakeAccount(ANN.member)), 6n);
  t.is(ledger.balance(escrowAccount(BEN.member)), 0n);
});

test('what is unstaked is free after as many ends of epochs as the rules say', (t) => {
  const history = changeRules(afterOneRound(), { epochRounds: 2, stakeMin: 5, unbondingEpochs: 2 });
  t.throws(() => history.push(stakeBy(history, ANN, 'stake', 4)), { message: /below-minimum/ });
  history.push(stakeBy(history, ANN, 'stake', 8));
  t.throws(() => history.push(stakeBy(history, ANN, 'unstake', 5)), { message: /below-minimum/ });
  history.push(stakeBy(history, ANN, 'unstake', 8));
  t.is(free(history, ANN), 3n);
  for (const _ of [1, 2, 3]) history.open().fail();
  t.is(history.state.ledger.balance(unbondingAccount(ANN.member)), 8n);
  history.open().fail();
  t.is(free(history, ANN), 11n);
});

test('two votes for one version cost the stake once, and nothing that is free', (t) => {
  const history = changeRules(afterOneRound(), { slashing: { session: 0, update: 0, vote: 50 } });
  history.push(stakeBy(history, ANN, 'stake', 6)).open();
  for (const site of MEMBERS) history.update(site);
  history.sum().vote(ANN);
  const vote = history.round.votes.get(ANN.member);
  if (vote === undefined) return t.fail();
  const { federation, ledger } = history.state;
  const first = statementFrame(modelVote, { ...vote, federation });
  const lie = { ...vote.body, model: payloadOf('another').root };
  const second = sealMessage(ANN, modelVote, { federation, body: lie });
  const { member } = ANN;
  const proof = { type: 'member-equivocated', payload: { first, member, second } } as const;
  const same = { ...proof, payload: { first, member, second: first } };
  t.throws(() => history.push(same), { code: 'impossible-event', message: /proves no fault/ });
  const other = { ...proof, payload: { ...proof.payload, member: BEN.member } };
  t.throws(() => history.push(other), { code: 'impossible-event' });
  const freeBefore = free(history, ANN);
  history.push(proof);
  t.is(ledger.balance(stakeAccount(member)), 0n);
  t.is(ledger.entries.at(-1)?.amount, 6n, 'never more than the stake');
  t.is(free(history, ANN), freeBefore);
  t.throws(() => history.push(proof), { message: /proved before/ });
});

test('a better recall pays those who contributed to the versions since, in equal shares', (t) => {
  const usefulness = { fullGainMicros: 100_000, pool: 800 };
  const history = changeRules(new History().register(), {
    rewards: { acceptedUpdate: 0, vote: 0 },
    usefulness,
  });
  const before = { stage: 'before', version: 0, recallAt10Micros: 500_000 } as const;
  history.push(evaluationBy(history, ANN, before));
  history.push(evaluationBy(history, BEN, before));
  history.push(
    evaluationBy(history, ANN, { ...before, stage: 'alone', recallAt10Micros: 900_000 }),
  );
  history.open().update(CLEO).update(DORA).sum().vote(ANN).vote(BEN).vote(CLEO).finalise();
  t.is(free(history, CLEO), 0n);
  const after = { stage: 'federated', version: 1, recallAt10Micros: 550_000 } as const;
  history.push(evaluationBy(history, ANN, after));
  t.is(
    free(history, CLEO),
    50n,
    "half of the gain of one of four members, two share its 200's half",
  );
  t.is(free(history, DORA), 50n);
  history.push(evaluationBy(history, BEN, { ...after, recallAt10Micros: 400_000 }));
  t.is(free(history, CLEO), 50n, 'what is worse pays nothing');
  history.push(evaluationBy(history, ANN, { ...after, version: 2, recallAt10Micros: 990_000 }));
  t.is(free(history, CLEO), 50n, 'nobody contributed to that version');
});
