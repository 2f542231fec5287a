import test from 'ava';
import type { Row } from './benchmark.ts';
import { summarise } from './measure.ts';
import { formatNumber, formatTable, formatTables } from './table.ts';

const rows: readonly Row[] = [
  { contender: 'unsigned', case: '1 KB', figures: { perSecond: summarise([900, 1000, 1100]) } },
  { contender: 'signed', case: '1 KB', figures: { perSecond: 500, lost: 0 } },
  { contender: 'signed', case: 'digest', figures: { perSecond: 12.5 } },
];

test('figures stand under their names, beside their spread and their ratio to the baseline', (t) => {
  t.deepEqual(formatTable(rows, 'unsigned').split('\n'), [
    'case    contender    perSecond  lost',
    '──────  ─────────  ───────────  ────',
    '1 KB    unsigned    1,000 ±10%     –',
    '1 KB    signed     500 (0.50×)     0',
    'digest  signed            12.5     –',
  ]);
});

test('without a baseline there are no ratios', (t) => {
  t.notRegex(formatTable(rows, undefined), /×/);
});

test('several numbers of one figure stand side by side', (t) => {
  const one: Row[] = [{ contender: 'a', case: 'x', figures: { rounds: [87, 90], none: [] } }];
  t.is(formatTable(one, undefined).split('\n')[2], 'x     a           87 90     –');
});

test('a baseline of zero gives no ratio', (t) => {
  const zero: Row[] = [
    { contender: 'a', case: 'x', figures: { lost: 0 } },
    { contender: 'b', case: 'x', figures: { lost: 3 } },
  ];
  t.notRegex(formatTable(zero, 'a'), /×|NaN|Infinity/);
});

test('numbers keep the digits that matter', (t) => {
  t.deepEqual([0, 0.1234, 1.2345, 12.345, 123.45, 1234567.8, -2.5].map(formatNumber), [
    '0',
    '0.123',
    '1.23',
    '12.3',
    '123',
    '1,234,568',
    '-2.50',
  ]);
});

test('rows under one heading share a table with only their own figures', (t) => {
  const mixed: Row[] = [
    { table: 'searches', contender: 'a', case: 'x', figures: { recall: 1 } },
    { table: 'builds', contender: 'a', case: 'x', figures: { seconds: 2 } },
    { table: 'searches', contender: 'b', case: 'x', figures: { recall: 0.5 } },
  ];
  const [searches, builds] = formatTables(mixed, undefined).split('\n\nbuilds\n\n');
  t.regex(searches ?? '', /^searches\n\ncase +contender +recall\n/);
  t.is(searches?.split('\n').length, 6);
  t.is(builds, formatTable(mixed.slice(1, 2), undefined));
  t.is(formatTables(rows, 'unsigned'), formatTable(rows, 'unsigned'));
});
