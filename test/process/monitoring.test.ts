// What Prometheus and Grafana are told to ask exists in the metrics of a coordinator that ran rounds.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { createToken } from '@starling/runtime';
import test from 'ava';
import { parse } from 'yaml';
import { runRounds, smallFederation } from './small-federation.ts';

const DEPLOY = join(import.meta.dirname, '..', '..', 'infra', 'deploy');
const DASHBOARDS = join(DEPLOY, 'grafana', 'dashboards');
/** Made by Prometheus itself. */
const BY_PROMETHEUS = ['up'];

interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly gridPos: { x: number; y: number; w: number; h: number };
    readonly datasource: { uid: string };
    readonly targets: readonly { expr: string; refId: string; datasource: { uid: string } }[];
  }[];
}

interface Alerts {
  readonly groups: readonly { readonly rules: readonly { alert: string; expr: string }[] }[];
}

const dashboards: readonly Dashboard[] = readdirSync(DASHBOARDS).map((name) =>
  JSON.parse(readFileSync(join(DASHBOARDS, name), 'utf8')),
);
const readYaml = (...path: string[]) => parse(readFileSync(join(DEPLOY, ...path), 'utf8'));
const alerts: Alerts = readYaml('prometheus', 'alerts.yml');
const queries: readonly string[] = [
  ...dashboards.flatMap(({ panels }) =>
    panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
];

/** Metrics and labels that a query names; `wrong` where it is no PromQL. */
function namesIn(query: string) {
  const [metrics, labels, wrong]: string[][] = [[], [], []];
  parser.parse(query).iterate({
    enter: ({ from, name, to, type }) => {
      const text = query.slice(from, to);
      if (type.isError) wrong?.push(`${query} at ${from}`);
      if (name === 'Identifier') metrics?.push(text);
      if (name === 'LabelName') labels?.push(text);
    },
  });
  return { metrics: metrics ?? [], labels: labels ?? [], wrong: wrong ?? [] };
}

test('every query of dashboards and alerts is PromQL', (t) => {
  t.true(queries.length > 20);
  t.deepEqual(
    queries.flatMap((query) => namesIn(query).wrong),
    [],
  );
  t.is(namesIn('sum(rate(x_total[5m]) by').wrong.length > 0, true, 'a wrong one is noticed');
});

test('every metric and label that they ask for is among those of a coordinator', async (t) => {
  const federation = await smallFederation(t);
  await runRounds(federation, 1);
  const nowMs = Date.now();
  const reader = { expiresAtMs: null, name: 'prometheus', nowMs, role: 'read' } as const;
  const token = await createToken(federation.home, reader);
  const { http } = federation.coordinator;
  const answer = await fetch(`${http}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  t.is(answer.status, 200, text);
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const labelsOf = new Map<string, Set<string>>();
  for (const line of lines) {
    const [, name = '', inner = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const labels = labelsOf.get(name) ?? new Set<string>();
    for (const [, label = ''] of inner.matchAll(/(\w+)="/g)) labels.add(label);
    labelsOf.set(name, labels);
  }
  for (const query of queries) {
    const { labels, metrics } = namesIn(query);
    for (const metric of metrics.filter((name) => !BY_PROMETHEUS.includes(name))) {
      t.true(labelsOf.has(metric), `${metric} of ${query} is exported`);
      for (const label of labels) {
        t.true(labelsOf.get(metric)?.has(label), `${metric} has ${label}, as ${query} wants`);
      }
    }
  }
});

test('dashboards are what Grafana provisions: own ids, panels beside each other, one data source', (t) => {
  const [source] = readYaml('grafana', 'provisioning', 'datasources', 'prometheus.yml').datasources;
  t.is(new Set(dashboards.map(({ uid }) => uid)).size, dashboards.length);
  for (const { panels, schemaVersion, uid } of dashboards) {
    t.true(schemaVersion >= 36, uid);
    t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
    const taken = new Set<string>();
    for (const { datasource, gridPos, targets, title } of panels) {
      t.is(datasource.uid, source.uid, title);
      t.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      t.true(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          t.false(taken.has(`${x}/${y}`), `${title} lies over another panel`);
          taken.add(`${x}/${y}`);
        }
      }
    }
  }
});

test('Prometheus asks both coordinators of the compose file, by TLS and with a token', (t) => {
  const { scrape_configs: jobs } = readYaml('prometheus', 'prometheus.yml');
  const { services } = readYaml('docker-compose.yml');
  t.is(jobs.length, 1);
  t.is(jobs[0].scheme, 'https');
  t.truthy(jobs[0].authorization.credentials_file);
  const targets: string[] = jobs[0].static_configs[0].targets;
  const coordinators = Object.keys(services).filter((name) => name.startsWith('coordinator-'));
  t.deepEqual(
    targets.map((target) => target.split(':')[0]),
    coordinators,
  );
});
