import test from 'ava';
import { appReport, outcomeLines } from './app-report.ts';
import { simulateApp } from './simulate-app.ts';
import { client, server } from './toy-app-fixture.ts';

const simulated = () =>
  simulateApp({
    client,
    server,
    nodes: 8,
    runConfig: { 'num-server-rounds': 3, fails: 'node-3' },
    network: { delay: () => 2000 },
  });

test('the page draws every metric by its sources, who took part, and says what failed', async (t) => {
  const simulation = await simulated();
  const { digest } = simulation;
  const page = appReport({ app: '<toy>', runConfig: { rate: 0.1 }, simulation, digest });
  const texts = [
    '&lt;toy&gt;: FedAvg on 8 nodes, seed 1',
    'loss by round',
    'first by virtual seconds',
    'at the nodes',
    'Nodes by round',
    'fractionTrain',
    'round 2, node-3',
    'RangeError: no data at node-3',
    digest,
  ];
  for (const text of texts) t.true(page.includes(text), text);
  t.notRegex(page, /NaN|Infinity|undefined|<script|https?:\/\/(?!www\.w3\.org)/);
});

test('a run that ended before its first round has a page too', async (t) => {
  const { nodes, seed, strategy } = await simulated();
  const page = appReport({
    app: 'toy',
    runConfig: {},
    simulation: { nodes, seed, strategy, rounds: [] },
  });
  t.true(page.includes('Round by round'));
});

test('the outcome names the last metrics, the updates and the virtual time', async (t) => {
  const lines = new Map(outcomeLines(await simulated()));
  t.is(lines.get('rounds'), '3');
  t.is(lines.get('updates'), '21, 3 failed');
  t.is(lines.get('virtual time'), '12 s');
  t.true(lines.has('loss at the nodes'));
});
