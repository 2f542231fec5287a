// The same faults on containers: killed, disconnected, restarted in the middle of rounds.

import type { HistoryLine, LedgerView } from '@starling/runtime';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { COORDINATORS, DockerNetwork, SERVERS, SITES } from './docker-network.ts';

const CUT_MS = 60_000;
const CUT_QUICK_MS = 10_000;
/** The last number of the address of site-5. */
const LAST_HOST = 105;
const [CUT_SITE, KILLED_SITE] = ['site-5', 'site-4'] as const;

interface DockerCase {
  readonly name: string;
  readonly title: string;
  readonly isQuick: boolean;
  run(rounds: DockerRounds, isQuick: boolean): Promise<number | undefined>;
}

const CASES: readonly DockerCase[] = [
  {
    name: 'none',
    title: 'no fault',
    isQuick: true,
    run: async (rounds) => {
      await rounds.open(1);
      await rounds.finished();
      return undefined;
    },
  },
  { name: 'leader', title: 'docker kill of the leader', isQuick: true, run: killLeader },
  { name: 'nats-leader', title: 'docker kill of the NATS leader', isQuick: true, run: killNats },
  { name: 'two-sites', title: 'docker kill of two sites', isQuick: true, run: killSites },
  { name: 'cut-off', title: 'network disconnect of a site', isQuick: true, run: cutOff },
  { name: 'rolling', title: 'everything restarted in turn', isQuick: false, run: rolling },
];

/** Rows of the test network; founded anew and removed afterwards. */
export async function* measureDocker(context: BenchmarkContext): AsyncGenerator<Row> {
  const { cases, isQuick, progress, signal } = context;
  const network = new DockerNetwork(signal);
  progress('founding the network of containers');
  try {
    await network.up();
    const rounds = new DockerRounds(network);
    for (const one of CASES) {
      if (cases.length > 0 ? !cases.includes(one.name) : isQuick && !one.isQuick) continue;
      progress(one.title);
      const before = await rounds.entries();
      const startedMs = performance.now();
      const recoveredMs = await one.run(rounds, isQuick);
      await rounds.caughtUp(SITES);
      const tookMs = performance.now() - startedMs;
      const figures = { ...(recoveredMs === undefined ? {} : { recoveredMs }), tookMs };
      const row = await rounds.row(one.title, figures, before);
      progress(`${one.title}: ${JSON.stringify(row.figures)}`);
      yield row;
    }
  } finally {
    await network.down();
  }
}

class DockerRounds {
  readonly network: DockerNetwork;

  constructor(network: DockerNetwork) {
    this.network = network;
  }

  /** Plans so many more rounds and waits until the first is open. */
  async open(count: number): Promise<void> {
    const { status } = await this.network.leading();
    await this.network.network('rounds', `${status.roundsPlanned + count}`);
    const before = status.rounds.at(-1)?.round ?? 0;
    await this.later(before);
  }

  /** Waits until a round after this one is open, or all planned ones are over. */
  async later(round?: number): Promise<void> {
    const before = round ?? (await this.network.leading()).status.rounds.at(-1)?.round ?? 0;
    await this.network.until('the next round is open', async () => {
      const status = (await this.network.leader())?.status;
      if (status === undefined) return undefined;
      const isOpen = (status.rounds.at(-1)?.round ?? 0) > before;
      return isOpen || status.roundsDone >= status.roundsPlanned || undefined;
    });
  }

  async finished(): Promise<void> {
    await this.network.until('the planned rounds are closed', async () => {
      const status = (await this.network.leader())?.status;
      return (status !== undefined && status.roundsDone >= status.roundsPlanned) || undefined;
    });
  }

  async caughtUp(sites: readonly string[]): Promise<void> {
    await this.network.until('the sites have the newest model', async () => {
      const model = (await this.network.leader())?.status.model;
      const statuses = await Promise.all(sites.map((site) => this.network.peer(site)));
      return (
        statuses.every((status) => status !== undefined && status.model.root === model) || undefined
      );
    });
  }

  async ready(site: string): Promise<void> {
    await this.network.until(`${site} is ready`, async () => {
      const members = (await this.network.leader())?.status.members;
      const found = members?.find((member) => member.site === site);
      return (found?.connected && found.ready) || undefined;
    });
  }

  /** What the ledger has on record, each entry with the event behind it. */
  async entries(): Promise<readonly string[]> {
    const history = await this.#ledger<readonly HistoryLine[]>('history');
    return history.map((line) => JSON.stringify(line));
  }

  /** @throws {Error} when anything was lost */
  async row(
    title: string,
    measured: Readonly<Record<string, number>>,
    before: readonly string[],
  ): Promise<Row> {
    const { status } = await this.network.leading();
    const { problems } = await this.#ledger<Pick<LedgerView, 'problems'>>('verify');
    const after = await this.entries();
    const last = status.rounds.at(-1);
    const peers = await Promise.all(SITES.map((site) => this.network.peer(site)));
    const figures = {
      ...measured,
      lostEntries: before.filter((entry, i) => after[i] !== entry).length,
      failedRounds: last?.phase === 'failed' ? 1 : 0,
      missingUpdates: last?.missing.length ?? 0,
      ledgerProblems: problems.length,
      models: new Set([status.model, ...peers.map((peer) => peer?.model.root)]).size,
    };
    if (figures.lostEntries > 0 || figures.ledgerProblems > 0 || figures.models > 1) {
      throw new Error(`${title}: ${JSON.stringify(figures)} ${problems}`);
    }
    return { table: 'containers', contender: 'starling', case: title, figures };
  }

  async #ledger<T>(command: 'history' | 'verify'): Promise<T> {
    const { name } = await this.network.leading();
    const found = await this.network.ask<T>(name, 'ledger', command);
    if (found === undefined) throw new Error(`ledger ${command} fails on ${name}`);
    return found;
  }
}

async function killLeader(rounds: DockerRounds): Promise<number> {
  const { network } = rounds;
  await rounds.open(1);
  const { name } = await network.leading();
  const startedMs = performance.now();
  await network.kill(name);
  await network.leading();
  const tookMs = performance.now() - startedMs;
  await rounds.finished();
  await network.start(name);
  return tookMs;
}

/** Well again is when the round is over: the log took all its events. */
async function killNats(rounds: DockerRounds): Promise<number> {
  const { network } = rounds;
  await rounds.open(1);
  const server = await network.natsLeader();
  const startedMs = performance.now();
  await network.kill(server);
  await rounds.finished();
  const tookMs = performance.now() - startedMs;
  await network.start(server);
  return tookMs;
}

async function killSites(rounds: DockerRounds): Promise<number> {
  const { network } = rounds;
  await rounds.open(1);
  const startedMs = performance.now();
  for (const site of [CUT_SITE, KILLED_SITE]) await network.kill(site);
  for (const site of [CUT_SITE, KILLED_SITE]) await network.start(site);
  for (const site of [CUT_SITE, KILLED_SITE]) await rounds.ready(site);
  const tookMs = performance.now() - startedMs;
  await rounds.finished();
  return tookMs;
}

async function cutOff(rounds: DockerRounds, isQuick: boolean): Promise<number> {
  const { network } = rounds;
  await rounds.open(1);
  const cutMs = performance.now();
  await network.disconnect(CUT_SITE);
  await rounds.finished();
  const leftMs = cutMs + (isQuick ? CUT_QUICK_MS : CUT_MS) - performance.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
  const startedMs = performance.now();
  await network.connect(CUT_SITE, LAST_HOST);
  await rounds.caughtUp([CUT_SITE]);
  return performance.now() - startedMs;
}

async function rolling(rounds: DockerRounds): Promise<number> {
  const { network } = rounds;
  await rounds.open(2 + SITES.length);
  const startedMs = performance.now();
  for (const server of SERVERS) {
    await network.restart(server);
    await network.leading();
  }
  for (const coordinator of COORDINATORS) {
    await network.restart(coordinator);
    await network.leading();
  }
  for (const site of SITES) {
    await rounds.later();
    await network.restart(site);
    await rounds.ready(site);
  }
  const tookMs = performance.now() - startedMs;
  await rounds.finished();
  return tookMs;
}
