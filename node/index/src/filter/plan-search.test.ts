import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { listsFor } from '../ivf/ivf-options.ts';
import { SEARCH_KINDS } from '../select/cost-model.ts';
import { exactly } from './column-types.ts';
import { planSearch, plansFor, type SearchSituation } from './plan-search.ts';

const million: Omit<SearchSituation, 'matches' | 'isEvaluated'> = {
  size: 1_000_000,
  k: 10,
  efSearch: 64,
  kind: 'hnsw',
};

const planOf = (matches: number, more: Partial<SearchSituation> = {}) =>
  planSearch({ ...million, matches: exactly(matches), isEvaluated: true, ...more }).plan;

test('few matches are compared, many are walked to', (t) => {
  t.is(planOf(10), 'pre-filter');
  t.is(planOf(1_000), 'pre-filter');
  t.not(planOf(500_000), 'pre-filter');
});

test('a set that is not there yet is not made for a filter that nearly all rows pass', (t) => {
  t.is(planOf(900_000, { isEvaluated: false }), 'post-filter');
});

test('an exact index compares the matches', (t) => {
  for (const matches of [1, 1_000, 1_000_000])
    t.is(planOf(matches, { kind: 'flat' }), 'pre-filter');
});

test('lists are probed for many matches, and for rarer ones more of them', (t) => {
  const probesOf = (matches: number) =>
    plansFor({ ...million, kind: 'ivf', matches: exactly(matches), isEvaluated: true })[1]?.probes;
  t.is(planOf(1_000, { kind: 'ivf' }), 'pre-filter');
  t.is(planOf(100_000, { kind: 'ivf' }), 'in-graph');
  t.is(probesOf(1_000_000), 125);
  t.true((probesOf(10_000) ?? 0) > (probesOf(500_000) ?? 0));
  const own = { ...million, kind: 'ivf', lists: 30, probes: 28, isEvaluated: true } as const;
  t.is(plansFor({ ...own, matches: exactly(100) })[1]?.probes, 30);
});

test('no more matches than hits: they are the answer', (t) => {
  t.is(planOf(64, { k: 64, searchDistances: () => 1 }), 'pre-filter');
});

const situations = fc
  .record({
    size: fc.integer({ min: 1, max: 1_000_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    isEvaluated: fc.boolean(),
    k: fc.integer({ min: 1, max: 500 }),
    efSearch: fc.integer({ min: 1, max: 500 }),
    kind: fc.constantFrom(...SEARCH_KINDS),
  })
  .map(({ share, ...rest }) => ({ ...rest, matches: exactly(Math.floor(rest.size * share)) }));

testProp(
  'the plan is one that can answer, and no estimate passes the index',
  [situations],
  (t, situation) => {
    const plan = planSearch(situation);
    const plans = plansFor(situation);
    t.true(plans.some((other) => other.plan === plan.plan));
    for (const { efSearch, estimatedDistances, k } of plans) {
      const centroids = situation.kind === 'ivf' ? listsFor(situation.size) : 0;
      t.true(estimatedDistances <= situation.size + centroids);
      t.true(k >= situation.k && efSearch >= situation.k);
    }
    t.is(plans[0].plan, 'pre-filter');
  },
);

testProp(
  'more matches never make the walk longer or the scan shorter',
  [situations.filter(({ kind }) => kind !== 'ivf')],
  (t, situation) => {
    const { rows } = situation.matches;
    const costOf = (matches: number, name: string) =>
      plansFor({ ...situation, matches: exactly(matches) }).find(({ plan }) => plan === name)
        ?.cost ?? 0;
    const more = Math.min(situation.size, rows + 100);
    t.true(costOf(more, 'in-graph') <= costOf(rows, 'in-graph'));
    t.true(costOf(more, 'pre-filter') >= costOf(rows, 'pre-filter'));
  },
);
