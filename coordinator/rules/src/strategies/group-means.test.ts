import test from 'ava';
import { FedAvg } from './fed-avg.ts';
import { FedBuff } from './fed-buff.ts';
import { FedMedian } from './fed-median.ts';
import { FedNova } from './fed-nova.ts';
import { GroupMeans } from './group-means.ts';
import { Krum } from './krum.ts';
import { NormBoundedAvg } from './norm-bounded-avg.ts';
import { assertRunsOnSums, replyOfGroup } from './secure-aggregation.ts';
import { modelIn, replyOf, roundOf } from './strategy-fixture.ts';
import { STRATEGY_NAMES, strategyNamed } from './strategy-named.ts';

const NODES = Array.from({ length: 12 }, (_, i) => `n${String(i).padStart(2, '0')}`);

test('a rule over groups of one mean each sees the means and nothing else', async (t) => {
  const grouped = new GroupMeans(new FedMedian(), { groupSize: 3 });
  t.is(grouped.input, 'sum');
  t.is(grouped.name, 'GroupMeans(FedMedian)');
  const round = roundOf([0], NODES);
  const replies = NODES.map((node, i) => replyOf(node, [i === 4 ? 1e6 : 1], { loss: i }));
  const aggregate = await grouped.aggregateTrain(round, replies);
  t.deepEqual(modelIn(aggregate), [1]);
  t.is(aggregate.metrics['num-examples'], 12);
  t.is(aggregate.metrics['loss'], 5.5);
});

test('groups follow from seed and round and take in who is left over', async (t) => {
  const spoilt = async (round: number, liars: readonly string[]) => {
    const strategy = new GroupMeans(new NormBoundedAvg({ clippingNorm: 1 }), { groupSize: 5 });
    const replies = NODES.map((node) => replyOf(node, [liars.includes(node) ? 1e6 : 0]));
    const context = roundOf([0], NODES, round);
    return (modelIn(await strategy.aggregateTrain(context, replies))[0] as number).toFixed(3);
  };
  // Two groups, of 5 and 7: one liar moves its own, to its weight.
  for (const liar of NODES) t.true(['0.417', '0.583'].includes(await spoilt(1, [liar])));
  const dealt = await Promise.all(NODES.map((node) => spoilt(1, [node])));
  const again = await Promise.all(NODES.map((node) => spoilt(1, [node])));
  const later = await Promise.all(NODES.map((node) => spoilt(2, [node])));
  t.is(dealt.filter((share) => share === '0.417').length, 5);
  t.deepEqual(again, dealt);
  t.notDeepEqual(later, dealt);
});

test('who was not asked and who answers twice is refused, the group goes on', async (t) => {
  const grouped = new GroupMeans(new FedMedian());
  const { refused, metrics } = await grouped.aggregateTrain(roundOf([0], NODES), [
    replyOf('n00', [1]),
    replyOf('n00', [1]),
    replyOf('stranger', [1]),
    replyOf('n01', [Number.NaN]),
  ]);
  t.deepEqual(refused, [
    { node: 'n00', reason: 'answered twice' },
    { node: 'stranger', reason: 'was not asked in this round' },
    { node: 'n01', reason: 'model[0] is NaN' },
  ]);
  t.is(metrics['refusedReplies'], 3);
});

test('opened sums of masked groups are the replies of their nodes', async (t) => {
  const base = Float32Array.of(1, 1);
  const sum = (change: number, weight: number) => ({
    mean: Float64Array.of(change, -change),
    weight,
    lossFirst: 1,
    lossLast: 0.5,
    clippedFraction: 0,
  });
  const replies = [
    replyOfGroup('g0', 3, base, sum(1, 10)),
    replyOfGroup('g1', 3, base, sum(2, 10)),
    replyOfGroup('g2', 3, base, sum(900, 10)),
  ];
  const robust = new GroupMeans(new FedMedian());
  t.deepEqual(modelIn(await robust.aggregateTrain(roundOf(base), replies)), [3, -1]);
  const average = await new FedAvg().aggregateTrain(roundOf(base), replies.slice(0, 2));
  t.deepEqual(modelIn(average), [2.5, -0.5]);
  t.is(average.metrics['num-examples'], 20);
});

test('too few groups are refused with the number', async (t) => {
  const grouped = new GroupMeans(new Krum({ numMaliciousNodes: 1 }));
  const replies = NODES.map((node) => replyOf(node, [1]));
  await t.throwsAsync(grouped.aggregateTrain(roundOf([0], NODES), replies), {
    message: 'Krum with 1 malicious node needs 5 replies, 4 count',
  });
});

test('under secure aggregation rules that judge single nodes are refused and told what helps', (t) => {
  t.notThrows(() => assertRunsOnSums(new FedAvg()));
  t.notThrows(() => assertRunsOnSums(new GroupMeans(new Krum())));
  t.throws(() => assertRunsOnSums(new Krum()), {
    code: 'needs-updates',
    message: /Krum cannot run .* judges .* each node; run it over the means of groups/,
  });
  t.throws(() => assertRunsOnSums(new FedNova()), {
    message: /use a strategy that needs sums only/,
  });
  t.throws(() => assertRunsOnSums(new FedBuff()), { message: /staleness/ });
});

test('only robust rules stand over groups, of two nodes at least', (t) => {
  t.throws(() => new GroupMeans(new FedAvg()), { code: 'invalid-options', message: /FedAvg does/ });
  t.throws(() => new GroupMeans(new FedNova()), { message: /FedNova does not work on means/ });
  t.throws(() => new GroupMeans(new Krum(), { groupSize: 1 }), { message: /groupSize is 1/ });
});

test('every strategy is found by its name, with its options in kebab-case', (t) => {
  t.is(STRATEGY_NAMES.length, 18);
  for (const name of STRATEGY_NAMES) {
    const strategy = strategyNamed(name, { 'min-train-nodes': 3 });
    t.is(strategy.name, name);
    t.is(strategy.summary()['strategy'], name);
    t.is(strategy.summary()['minTrainNodes'], 3);
  }
  const adam = strategyNamed('fed-adam', { eta: 0.5, 'eta-l': 0.2, 'beta-1': 0.8 }).summary();
  t.like(adam, { strategy: 'FedAdam', eta: 0.5, etaL: 0.2, beta1: 0.8, beta2: 0.99, tau: 1e-3 });
  t.is(strategyNamed('Krum', { 'group-size': 3 }).name, 'GroupMeans(Krum)');
});

test('unknown names and options are refused with a list of what there is', (t) => {
  t.throws(() => strategyNamed('FedSgd'), {
    code: 'unknown-strategy',
    message: /there is no strategy FedSgd; there are FedAvg, FedProx, .*FedBuff/,
  });
  t.throws(() => strategyNamed('FedAdam', { 'beta-3': 1 }), {
    code: 'invalid-options',
    message: /FedAdam has no option beta-3; it has fraction-train, .*beta-1, beta-2/,
  });
  t.throws(() => strategyNamed('Krum', { 'group-size': 'many' }), { message: /groupSize is many/ });
  t.throws(() => strategyNamed('FedProx', { 'proximal-mu': '1' }), { message: /proximalMu is 1;/ });
});
