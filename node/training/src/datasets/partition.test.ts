import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrainingError } from '../training-error.ts';
import type { Partition } from './partition.ts';
import { partitionByGroup } from './partition-by-group.ts';
import { partitionByLabel } from './partition-by-label.ts';
import { partitionBySite, siteFiles } from './partition-by-site.ts';
import { partitionDirichlet } from './partition-dirichlet.ts';
import { partitionIid } from './partition-iid.ts';
import { partitionShards } from './partition-shards.ts';

const LABELS = 10;

/** 0 … 9 again and again: row r has label r mod 10. */
function cycling(rows: number): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => row % LABELS);
}

function sizes(partition: Partition): number[] {
  return partition.map(({ length }) => length);
}

function labelsOf(rows: Int32Array, labels: Uint8Array): number[] {
  return [...new Set([...rows].map((row) => labels[row] ?? -1))].sort((a, b) => a - b);
}

const DEALS: Readonly<Record<string, (rows: number, seed: number) => Partition>> = {
  iid: (rows, seed) => partitionIid(rows, { clients: 7, seed }),
  shards: (rows, seed) => partitionShards(cycling(rows), { clients: 7, seed }),
  dirichlet: (rows, seed) => partitionDirichlet(cycling(rows), { clients: 7, seed, alpha: 0.5 }),
  byGroup: (rows, seed) => partitionByGroup(cycling(rows), { clients: 20, seed, bias: 0.5 }),
  byLabel: (rows, seed) =>
    partitionByLabel(cycling(rows), { clients: 7, seed, labelsPerClient: 4 }),
};

for (const [name, deal] of Object.entries(DEALS)) {
  test(`${name}: no row is dealt twice, every client's rows ascend, one seed deals one way`, (t) => {
    const partition = deal(1003, 5);
    const all = partition.flatMap((rows) => [...rows]);
    t.is(new Set(all).size, all.length);
    t.true(all.every((row) => row >= 0 && row < 1003));
    for (const rows of partition) t.deepEqual(rows, rows.toSorted());
    t.deepEqual(deal(1003, 5), partition);
    t.notDeepEqual(deal(1003, 6), partition);
  });
}

for (const name of ['iid', 'shards', 'dirichlet', 'byGroup'] as const) {
  test(`${name}: every row is dealt`, (t) => {
    const total = sizes(DEALS[name]?.(1003, 1) ?? []).reduce((sum, size) => sum + size, 0);
    t.is(total, 1003);
  });
}

test('IID sizes differ by one at most, and one client gets everything', (t) => {
  const partition = partitionIid(1003, { clients: 10, seed: 3 });
  t.deepEqual(sizes(partition).sort(), [100, 100, 100, 100, 100, 100, 100, 101, 101, 101]);
  const [everything] = partitionIid(5, { clients: 1, seed: 3 });
  t.deepEqual(everything, Int32Array.of(0, 1, 2, 3, 4));
});

test('100 clients with two of 200 shards have 600 rows of two labels at most, as in the paper', (t) => {
  const labels = cycling(60_000);
  const partition = partitionShards(labels, { clients: 100, seed: 1 });
  t.true(partition.every(({ length }) => length === 600));
  const known = partition.map((rows) => labelsOf(rows, labels).length);
  t.true(known.every((count) => count === 1 || count === 2));
  t.true(known.filter((count) => count === 2).length > 80);
});

test('shards of labels that straddle a cut hold both labels', (t) => {
  const labels = Uint8Array.of(1, 1, 1, 0, 0, 0);
  const partition = partitionShards(labels, { clients: 2, shardsPerClient: 1, seed: 1 });
  const held = partition.map((rows) => [...rows]).sort(([a = 0], [b = 0]) => b - a);
  t.deepEqual(held, [
    [3, 4, 5],
    [0, 1, 2],
  ]);
  const three = partitionShards(labels, { clients: 3, shardsPerClient: 1, seed: 1 });
  t.true(three.some((rows) => labelsOf(rows, labels).length === 2));
});

test('Dirichlet shares have the mean and the variance of the distribution', (t) => {
  const [groups, each, clients, alpha] = [2000, 200, 5, 0.7];
  const labels = Int32Array.from({ length: groups * each }, (_, row) => Math.floor(row / each));
  const options = { clients, alpha, seed: 11, minPartitionSize: 0 };
  const [first = new Int32Array()] = partitionDirichlet(labels, options);
  const counts = new Float64Array(groups);
  for (const row of first) counts[labels[row] ?? 0] = (counts[labels[row] ?? 0] ?? 0) + 1 / each;
  const mean = counts.reduce((sum, share) => sum + share, 0) / groups;
  const variance = counts.reduce((sum, share) => sum + (share - mean) ** 2, 0) / groups;
  const expected = ((1 / clients) * (1 - 1 / clients)) / (clients * alpha + 1);
  t.true(Math.abs(mean - 1 / clients) < 0.015, `mean ${mean}`);
  t.true(Math.abs(variance / expected - 1) < 0.06, `variance ${variance}, expected ${expected}`);
});

test('a large alpha deals nearly evenly, a tiny one gives each label to one client', (t) => {
  const labels = cycling(10_000);
  const even = partitionDirichlet(labels, { clients: 4, alpha: 1e5, seed: 2 });
  t.true(sizes(even).every((size) => Math.abs(size - 2500) < 25));
  const options = { clients: 4, alpha: 1e-3, seed: 2, minPartitionSize: 0 };
  const owners = partitionDirichlet(labels, options).flatMap((rows) => labelsOf(rows, labels));
  t.is(owners.length, LABELS);
});

test('every client of a Dirichlet partition has the least size, or the draw is refused', (t) => {
  const labels = cycling(1000);
  const options = { clients: 10, alpha: 0.1, seed: 4 };
  t.true(partitionDirichlet(labels, options).every(({ length }) => length >= 10));
  const error = t.throws(
    () => partitionDirichlet(labels, { ...options, alpha: 1e-4, minPartitionSize: 100 }),
    { instanceOf: TrainingError, code: 'invalid-options' },
  );
  t.regex(error?.message ?? '', /no draw of 1000 .* raise alpha or lower minPartitionSize/);
});

test('self-balancing keeps a client with its equal share from getting more labels', (t) => {
  const labels = cycling(10_000);
  const options = { clients: 10, alpha: 0.3, seed: 9 };
  const largest = (selfBalancing: boolean) =>
    Math.max(...sizes(partitionDirichlet(labels, { ...options, selfBalancing })));
  t.true(largest(true) < 2000);
  t.true(largest(false) > largest(true));
});

test('by label, every client has exactly k labels and a label is dealt evenly', (t) => {
  const labels = cycling(60_000);
  const partition = partitionByLabel(labels, { clients: 10, labelsPerClient: 2, seed: 1 });
  for (const [client, rows] of partition.entries()) {
    const own = labelsOf(rows, labels);
    t.is(own.length, 2);
    t.true(own.includes(client % LABELS));
  }
  t.is(
    sizes(partition).reduce((sum, size) => sum + size, 0),
    60_000,
  );
  const [one] = partitionByLabel(labels, { clients: 1, labelsPerClient: 1, seed: 1 });
  t.is(one?.length, 6000);
});

test('by group, a label goes to its own group by the bias, and evenly to the others', (t) => {
  const labels = cycling(60_000);
  const partition = partitionByGroup(labels, { clients: 20, bias: 0.5, seed: 1 });
  const shareOf = (group: number, label: number) => {
    const rows = partition.slice(2 * group, 2 * group + 2).flatMap((own) => [...own]);
    return rows.filter((row) => labels[row] === label).length / 6000;
  };
  t.true(Math.abs(shareOf(3, 3) - 0.5) < 0.02);
  for (const group of [0, 4, 9]) t.true(Math.abs(shareOf(group, 3) - 0.5 / 9) < 0.01);
  const own = partitionByGroup(labels, { clients: 10, bias: 1, seed: 1 });
  for (const [group, rows] of own.entries()) t.deepEqual(labelsOf(rows, labels), [group]);
});

test('by site, one client per name of a column or file of a folder, by name', async (t) => {
  const column = partitionBySite(['b', 'a', 'b']);
  t.deepEqual(
    [...column],
    [
      ['a', Int32Array.of(1)],
      ['b', Int32Array.of(0, 2)],
    ],
  );
  const folder = await mkdtemp(join(tmpdir(), 'sites-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const name of ['north.csv', 'east.csv', 'notes.txt', '.csv']) {
    await writeFile(join(folder, name), '');
  }
  t.deepEqual(await siteFiles(folder, '.csv'), [
    { site: 'east', path: join(folder, 'east.csv') },
    { site: 'north', path: join(folder, 'north.csv') },
  ]);
  await mkdir(join(folder, 'empty'));
  for (const place of ['empty', 'nowhere']) {
    const error = await t.throwsAsync(siteFiles(join(folder, place), '.csv'), {
      instanceOf: TrainingError,
      code: 'empty-dataset',
    });
    t.true(error?.message.includes(place));
  }
});

test('what cannot be dealt is refused, naming the number and its range', (t) => {
  const labels = cycling(100);
  const ten = { clients: 10, seed: 1 };
  const refusals: readonly (readonly [() => unknown, RegExp])[] = [
    [() => partitionIid(0, ten), /0 rows to deal: a whole number 1/],
    [() => partitionIid(100, { clients: 0, seed: 1 }), /clients is 0: a whole number 1/],
    [() => partitionIid(100, { clients: 2.5, seed: 1 }), /clients is 2.5/],
    [() => partitionIid(100, { clients: 101, seed: 1 }), /100 rows are too few for 101 clients/],
    [() => partitionIid(100, { clients: 2, seed: -1 }), /seed is -1/],
    [() => partitionShards(labels, { ...ten, shardsPerClient: 0 }), /shardsPerClient is 0/],
    [() => partitionShards(labels, { ...ten, shardsPerClient: 11 }), /too few for 110 shards/],
    [() => partitionShards(Int32Array.of(0, -3), ten), /2 rows are too few for 10 clients/],
    [() => partitionShards(Int32Array.of(0, -3), { clients: 1, seed: 1 }), /labels\[1\] is -3/],
    [() => partitionDirichlet(labels, { ...ten, alpha: 0 }), /alpha is 0/],
    [() => partitionDirichlet(labels, { ...ten, alpha: Number.NaN }), /alpha is NaN/],
    [
      () => partitionDirichlet(labels, { ...ten, alpha: 1, minPartitionSize: 11 }),
      /minPartitionSize is 11: a whole number 0 … 10/,
    ],
    [
      () => partitionByLabel(labels, { ...ten, labelsPerClient: 11 }),
      /labelsPerClient is 11: a whole number 1 … 10/,
    ],
    [
      () =>
        partitionByLabel(Int32Array.of(0, 1, 1, 1), { clients: 3, labelsPerClient: 2, seed: 1 }),
      /label group 0 has 1 rows for 3 clients/,
    ],
    [() => partitionByGroup(labels, { ...ten, bias: 1.5 }), /bias is 1.5: a number 0 … 1/],
    [
      () => partitionByGroup(labels, { clients: 15, seed: 1, bias: 0.5 }),
      /15 clients do not make 10 equal groups/,
    ],
    [() => partitionBySite(['a', '']), /sites\[1\] is empty/],
  ];
  for (const [attempt, message] of refusals) {
    t.throws(attempt, { instanceOf: TrainingError, code: 'invalid-options', message });
  }
  t.throws(() => partitionBySite([]), { instanceOf: TrainingError, code: 'empty-dataset' });
});
