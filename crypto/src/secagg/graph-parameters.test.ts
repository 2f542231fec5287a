import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import {
  type AdversaryClass,
  completeThreshold,
  corruptMax,
  findGraphParameters,
  findWithRule,
  type GraphRequirements,
  type ThresholdRule,
} from './graph-parameters.ts';
import { HypergeometricBound, LogChoose } from './hypergeometric.ts';

/** Corrupt and dropped members, and degree / threshold against an active server. */
const COLUMNS = [
  ['5 % / 5 %', 0.05, 0.05],
  ['10 % / 10 %', 0.1, 0.1],
  ['20 % / 10 %', 0.2, 0.1],
  ['20 % / 20 %', 0.2, 0.2],
  ['1/3 / 10 %', 1 / 3, 0.1],
] as const;
const TABLE: readonly (readonly [participants: number, ...cells: string[]])[] = [
  [64, '12/9', '20/14', '26/20', '38/26', '36/30'],
  [100, '18/13', '32/22', '42/32', '62/42', '56/46'],
  [128, '20/14', '38/26', '52/40', '78/53', '68/56'],
  [200, '30/21', '56/39', '76/57', '118/80', '100/80'],
  [256, '34/24', '64/45', '88/66', '144/98', '118/94'],
  [500, '46/33', '84/59', '118/88', '222/152', '170/134'],
  [1000, '52/37', '100/70', '140/104', '306/209', '224/176'],
  [1e4, '62/44', '122/85', '184/136', '486/331', '316/247'],
  [1e6, '78/55', '150/104', '224/165', '604/410', '388/302'],
  [1e8, '90/63', '174/120', '258/189', '700/474', '448/348'],
];

/**
 * What google-parfait/federated-compute expects of its finder, fcp/secagg/server/
 * graph_parameter_finder_test.cc, feasible cases: shares of corrupt and dropped members, adversary,
 * then [participants, degree, most shares that may be needed]. Its ten cases without any adversary
 * repeat semi-honest ones.
 */
const PUBLISHED: readonly (readonly [number, number, AdversaryClass, ...number[][]])[] = [
  [0.45, 0.45, 'semi-honest', [100, 92, 46], [1000, 822, 417], [1e4, 3494, 1771]],
  [0.45, 0.45, 'semi-honest', [1e5, 5508, 2788], [1e6, 6240, 3156]],
  [0.33, 0.33, 'semi-honest', [10, 8, 4], [100, 68, 34], [1000, 286, 150], [1e4, 422, 221]],
  [0.33, 0.33, 'semi-honest', [1e5, 480, 251], [1e6, 518, 270]],
  [0.3, 0.3, 'active', [100, 92, 62], [1000, 872, 584], [1e4, 4822, 3230]],
  [0.3, 0.3, 'active', [1e5, 9388, 6286], [1e6, 11_136, 7454]],
  [0.05, 0.33, 'semi-honest', [10, 4, 2], [100, 28, 6], [1000, 72, 24], [1e4, 86, 29]],
  [0.05, 0.33, 'semi-honest', [1e5, 96, 32], [1e6, 102, 34]],
  [0.05, 0.33, 'active', [10, 8, 5], [100, 72, 39], [1000, 398, 223], [1e4, 746, 420]],
  [0.05, 0.33, 'active', [1e5, 882, 496], [1e6, 970, 545]],
  [0.33, 0.05, 'semi-honest', [10, 4, 4], [100, 34, 29], [1000, 78, 60], [1e4, 92, 70]],
  [0.33, 0.05, 'semi-honest', [1e5, 102, 77], [1e6, 110, 83]],
  [0.33, 0.05, 'active', [10, 4, 4], [100, 42, 37], [1000, 132, 109], [1e4, 178, 146]],
  [0.33, 0.05, 'active', [1e5, 196, 160], [1e6, 212, 173]],
  [0.05, 0.05, 'semi-honest', [10, 2, 2], [100, 12, 6], [1000, 30, 17], [1e4, 34, 20]],
  [0.05, 0.05, 'semi-honest', [1e5, 36, 21], [1e6, 38, 22]],
  [0.05, 0.05, 'active', [10, 2, 2], [100, 16, 11], [1000, 52, 37], [1e4, 62, 44]],
  [0.05, 0.05, 'active', [1e5, 68, 48], [1e6, 74, 52]],
  [0.33, 0, 'semi-honest', [10, 4, 4], [100, 26, 25], [1000, 38, 36], [1e4, 42, 40]],
  [0.33, 0, 'semi-honest', [1e5, 46, 44], [1e6, 50, 47]],
  [0.33, 0, 'active', [10, 4, 4], [100, 26, 26], [1000, 38, 37], [1e4, 42, 41]],
  [0.33, 0, 'active', [1e5, 46, 45], [1e6, 50, 49]],
  [0, 0.33, 'semi-honest', [10, 4, 2], [100, 26, 2], [1000, 38, 2], [1e4, 42, 2]],
  [0, 0.33, 'semi-honest', [1e5, 46, 2], [1e6, 50, 2]],
  [0, 0.33, 'active', [10, 8, 5], [100, 68, 35], [1000, 228, 115], [1e4, 326, 164]],
  [0, 0.33, 'active', [1e5, 372, 187], [1e6, 410, 206]],
  [0, 0, 'semi-honest', [10, 2, 2], [100, 2, 2], [1000, 2, 2], [1e4, 2, 2]],
  [0, 0, 'semi-honest', [1e5, 2, 2], [1e6, 2, 2]],
  [0, 0, 'active', [10, 2, 2], [100, 2, 2], [1000, 2, 2], [1e4, 2, 2], [1e5, 2, 2], [1e6, 2, 2]],
];

/** Their rules: neighbours alone hold shares, and the least whole t ≥ (degree + c - 1.25)/2 + 1. */
const PUBLISHED_RULES: Readonly<Record<AdversaryClass, ThresholdRule>> = {
  active: (degree, corrupt) => Math.ceil((corrupt + degree - 1.25) / 2) + 1,
  'semi-honest': (_degree, corrupt) => corrupt + 1,
};

const cellOf = (requirements: GraphRequirements): string => {
  const found = findGraphParameters(requirements);
  return found === undefined ? '-' : `${found.degree}/${found.threshold}`;
};

test('degree and threshold against an active server are those of the published table', (t) => {
  for (const [participants, ...cells] of TABLE) {
    const found = COLUMNS.map(([, corruptShare, dropShare]) =>
      cellOf({ participants, corruptShare, dropShare, adversary: 'active' }),
    );
    t.deepEqual(found, cells, `${participants} participants`);
  }
});

test('the page of parameters shows what the finder gives', (t) => {
  const page = readFileSync(new URL('./graph-parameters.md', import.meta.url), 'utf8');
  const shown = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const header = ['members', ...COLUMNS.map(([name]) => name)];
  const rows = TABLE.map(([participants, ...cells]) => [
    participants.toLocaleString('en'),
    ...cells,
  ]);
  t.deepEqual(shown[0], header);
  t.deepEqual(shown.slice(2), rows);
});

test("Google's finder expects the same degrees, and no lower thresholds, under its rule", (t) => {
  let cases = 0;
  for (const [corruptShare, dropShare, adversary, ...rows] of PUBLISHED) {
    for (const [participants = 0, degree, threshold = 0] of rows) {
      const requirements = { participants, corruptShare, dropShare };
      const found = findWithRule(requirements, PUBLISHED_RULES[adversary]);
      const name = `${participants}, ${corruptShare}, ${dropShare}, ${adversary}`;
      t.is(found?.degree, degree, name);
      t.true(found !== undefined && found.threshold <= threshold, name);
      cases += 1;
    }
  }
  t.is(cases, 88);
});

test('what is found keeps 2t > holders + corrupt, and the survivors reach t', (t) => {
  const requirements = fc.record({
    participants: fc.integer({ min: 3, max: 3000 }),
    corruptShare: fc.integer({ min: 0, max: 40 }).map((percent) => percent / 100),
    dropShare: fc.integer({ min: 0, max: 29 }).map((percent) => percent / 100),
    adversary: fc.constantFrom<AdversaryClass>('active', 'semi-honest'),
  });
  const property = fc.property(requirements, (each) => {
    const found = findGraphParameters(each);
    if (found === undefined) return;
    const { degree, threshold } = found;
    t.is(degree % 2, 0);
    t.true(threshold >= 2 && threshold <= degree && degree < each.participants);
    const expectedCorrupt = Math.floor(each.corruptShare * degree);
    if (each.adversary === 'active') t.true(2 * threshold > degree + 1 + expectedCorrupt);
    else t.true(threshold > expectedCorrupt);
  });
  fc.assert(property, { numRuns: 200 });
});

test('requirements that no graph meets find none', (t) => {
  for (const [corruptShare, dropShare] of [
    [0.33, 0.34],
    [0.5, 0.5],
    [0.9, 0.05],
  ] as const) {
    const common = { participants: 1000, corruptShare, dropShare };
    t.is(findGraphParameters({ ...common, adversary: 'active' }), undefined);
  }
  t.is(cellOf({ participants: 5, corruptShare: 0.2, dropShare: 0.2, adversary: 'active' }), '-');
});

test('requirements out of range are a broken caller', (t) => {
  const right = {
    participants: 100,
    corruptShare: 0.1,
    dropShare: 0.1,
    adversary: 'active',
  } as const;
  for (const wrong of [
    { participants: 2 },
    { participants: 10.5 },
    { corruptShare: -0.1 },
    { corruptShare: 1.5 },
    { corruptShare: Number.NaN },
    { dropShare: Number.NaN },
    { dropShare: -1 },
  ]) {
    t.throws(() => findGraphParameters({ ...right, ...wrong }), { instanceOf: RangeError });
  }
});

test('thresholds of the complete graph are those of the specification', (t) => {
  const expected = { 4: 3, 5: 4, 7: 5, 10: 7, 16: 11, 32: 22, 64: 43, 100: 67 };
  for (const [participants, threshold] of Object.entries(expected)) {
    const n = Number(participants);
    t.is(completeThreshold(n, corruptMax(n)), threshold, participants);
  }
  t.is(corruptMax(3), 0);
  t.is(completeThreshold(3, 0), 2);
  t.is(completeThreshold(3, 1), 3);
});

test('the bound of a hypergeometric tail is the least one, by exact counting', (t) => {
  const choose = (n: number, k: number): number =>
    k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
  const cases = fc
    .integer({ min: 3, max: 40 })
    .chain((n) =>
      fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ max: -1, min: -12 })),
    );
  const property = fc.property(cases, ([n, marked, log2]) => {
    const bound = new HypergeometricBound(new LogChoose(n), marked, log2 * Math.LN2);
    for (let draws = 1; draws < n; draws++) {
      const tail = (above: number) => {
        let sum = 0;
        for (let j = above + 1; j <= draws; j++) {
          sum += (choose(marked, j) * choose(n - marked, draws - j)) / choose(n, draws);
        }
        return sum;
      };
      const found = bound.at(draws);
      t.true(tail(found) <= 2 ** log2 * (1 + 1e-9));
      t.true(found === 0 || tail(found - 1) > 2 ** log2 * (1 - 1e-9));
    }
  });
  fc.assert(property, { numRuns: 50 });
});
