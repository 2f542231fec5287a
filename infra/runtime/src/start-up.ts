// A local federation that stays up, for trying things out and for tests that need real processes.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChainEngine } from '@starling/shared';
import { type DemoSite, folderCorpus, SITES_MAX, SITES_MIN } from './corpus/demo-corpus.ts';
import { type AggregationOptions, DEMO_ALONE, demoTask } from './demo/demo-settings.ts';
import { createToken, readTokens, revokeToken } from './http/access/token-file.ts';
import { LocalClient } from './local-api/local-client.ts';
import { type Death, LocalFederation } from './processes/local-federation.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';
import { siteNames } from './site-folder.ts';

const DASHBOARD_TOKEN = 'up-dashboard';

export interface UpSettings {
  readonly home: string;
  /** The command's script, for child processes. */
  readonly entry: string;
  readonly sites: number;
  readonly rounds: number;
  readonly seed: number;
  readonly corpus: string | undefined;
  readonly aggregation: AggregationOptions;
  /** What decides the chain; certificates when undefined. */
  readonly chainEngine: ChainEngine | undefined;
  /** Where the dashboard is served, such as 127.0.0.1:8080; port 0 is one that is free. */
  readonly http: string;
}

/** Where the dashboard is, and a token that may read all it shows. */
export interface Dashboard {
  readonly url: string;
  readonly token: string;
}

export interface UpProcess {
  readonly name: string;
  readonly pid: number;
  readonly home: string;
}

export interface RunningUp {
  /** The coordinator first. */
  readonly processes: readonly UpProcess[];
  readonly dashboard: Dashboard;
  stop(): Promise<void>;
}

/** Founds the federation, or starts the one that lies in the folder. */
export async function startUp(
  settings: UpSettings,
  signal: AbortSignal,
  onDeath: (death: Death) => void,
): Promise<RunningUp> {
  const federation = new LocalFederation({ ...settings, signal, onDeath });
  try {
    const names = (await exists(join(settings.home, 'coordinator')))
      ? await reopen(federation, settings.home)
      : await found(federation, settings);
    await federation.startSites(names);
    if (settings.rounds > 0) {
      const client = await LocalClient.open(federation.coordinatorHome);
      await client.planRounds(settings.rounds, names.length);
    }
    const processes = [
      {
        name: 'coordinator',
        pid: federation.processId('coordinator'),
        home: federation.coordinatorHome,
      },
      ...names.map((name) => ({
        name,
        pid: federation.processId(name),
        home: federation.siteHome(name),
      })),
    ];
    const dashboard = {
      url: `${federation.http}/`,
      token: await dashboardToken(federation.coordinatorHome),
    };
    return { dashboard, processes, stop: () => federation.stop() };
  } catch (error) {
    await federation.stop();
    throw error;
  }
}

/** One at a time: the folder keeps no token's text, so that an earlier one cannot be told again. */
async function dashboardToken(home: string): Promise<string> {
  const known = await readTokens(home);
  if (known.some(({ name }) => name === DASHBOARD_TOKEN)) await revokeToken(home, DASHBOARD_TOKEN);
  const token = { name: DASHBOARD_TOKEN, role: 'read', expiresAtMs: null } as const;
  return createToken(home, { ...token, nowMs: Date.now() });
}

async function found(federation: LocalFederation, settings: UpSettings): Promise<string[]> {
  const { corpus, seed, sites: count } = settings;
  if (!Number.isInteger(count) || count < SITES_MIN || count > SITES_MAX) {
    const message = `--sites is ${count}: a whole number from ${SITES_MIN} to ${SITES_MAX}`;
    throw new RuntimeError('invalid-option', message);
  }
  const sites: readonly Pick<DemoSite, 'name' | 'documents'>[] =
    corpus === undefined
      ? Array.from({ length: count }, (_, i) => ({ name: `site-${i + 1}`, documents: [] }))
      : (await folderCorpus(corpus, count)).sites;
  const founding = {
    name: 'up',
    task: demoTask(seed, settings.aggregation),
    sites,
    baselines: DEMO_ALONE,
    patterns: { propose: true, use: true },
    ...(settings.chainEngine === undefined ? {} : { chainEngine: settings.chainEngine }),
  };
  await federation.found(founding, () => undefined);
  return sites.map(({ name }) => name);
}

async function reopen(federation: LocalFederation, home: string): Promise<string[]> {
  await readConfig(join(home, 'coordinator'));
  const names = await siteNames(join(home, 'sites')).catch(() => []);
  if (names.length === 0) {
    const message = `${home} was left before its sites joined: remove it and run "starling up" again`;
    throw new RuntimeError('not-a-site', message);
  }
  await federation.startCoordinator();
  return names;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
