// Real processes on loopback: how long a proposal takes to be final while members are killed, cut off
// and come back, and whether anything is lost or decided twice.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultTolerance, quorumSize } from '@starling/consensus';
import { ChainFederation, type Proposed } from '../../process/chain-federation.ts';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { percentile } from '../measure.ts';

/** How long a federation without a quorum is watched standing still. */
const STANDSTILL_MS = 5_000;
const DECISION_WITHIN_MS = 120_000;

/** Rows of n = 5 and, unless quick, of n = 16. */
export async function* measureProcesses(
  context: BenchmarkContext,
  sizes: readonly number[] = context.isQuick ? [5] : [5, 16],
): AsyncGenerator<Row> {
  for (const sites of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'starling-bench-consensus-'));
    try {
      yield* measureFederation(sites, folder, context);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function* measureFederation(
  sites: number,
  folder: string,
  { isQuick, progress, signal }: BenchmarkContext,
): AsyncGenerator<Row> {
  const say = (text: string) => progress(`n = ${sites}: ${text}`);
  const chain = await ChainFederation.found({ home: folder, sites, signal, progress: say });
  const trial = new Trial(chain, isQuick ? 4 : 12, say);
  try {
    yield await trial.run('all there', async () => trial.decide());
    yield await trial.run('leader killed with kill -9', async () => {
      for (let kill = 0; kill < (isQuick ? 1 : 3); kill++) await trial.killLeader();
    });
    yield await trial.run(`F = ${faultTolerance(sites)} members killed`, () => trial.killMany());
    yield await trial.run('minority cut off', () => trial.cutOff(sites - quorumSize(sites)));
    yield await trial.run('no quorum, then all again', () =>
      trial.standStill(sites - quorumSize(sites) + 1),
    );
  } finally {
    await chain.stop();
  }
}

class Trial {
  readonly #chain: ChainFederation;
  readonly #proposals: number;
  readonly #say: (text: string) => void;
  #samples: number[] = [];
  #ids: string[] = [];
  #extra: Record<string, number> = {};
  #turn = 0;

  constructor(chain: ChainFederation, proposals: number, say: (text: string) => void) {
    this.#chain = chain;
    this.#proposals = proposals;
    this.#say = say;
  }

  /** Runs one scenario, waits until all sites agree again, and looks for what must not be. */
  async run(name: string, scenario: () => Promise<void>): Promise<Row> {
    this.#say(name);
    this.#samples = [];
    this.#ids = [];
    this.#extra = {};
    await scenario();
    const names = this.#chain.names;
    const views = await this.#chain.untilAgreed(names, DECISION_WITHIN_MS);
    const { conflicts } = await this.#chain.agreement(names);
    const isFinal = (id: string) =>
      views.every(({ settings }) => settings.some((s) => s.id === id && s.status === 'final'));
    const lost = this.#ids.filter((id) => !isFinal(id));
    const row: Row = {
      table: `n = ${names.length}`,
      contender: 'starling',
      case: name,
      figures: {
        proposals: this.#ids.length,
        finalityP50Ms: percentile(this.#samples, 0.5),
        finalityP95Ms: percentile(this.#samples, 0.95),
        ...this.#extra,
        lost: lost.length,
        decidedTwice: conflicts.length,
        evidence: Math.max(...views.map(({ evidence }) => evidence.length)),
      },
    };
    // A later row may fail, and these took minutes.
    this.#say(`${name}: ${JSON.stringify(row.figures)}`);
    return row;
  }

  /** Proposes one after the other, at another site each time. */
  async decide(count = this.#proposals): Promise<void> {
    for (let i = 0; i < count; i++) await this.#decided(await this.#propose());
  }

  /** Kills who leads, proposes at once, and brings the killed one back. */
  async killLeader(): Promise<void> {
    const leader = await this.#chain.leader(this.#chain.awake[0] ?? '');
    if (leader === undefined) throw new Error('nobody leads');
    await this.#chain.kill(leader);
    await this.#decided(await this.#propose());
    await this.#back([leader]);
  }

  async killMany(): Promise<void> {
    const killed = this.#chain.names.slice(-faultTolerance(this.#chain.names.length));
    await Promise.all(killed.map((name) => this.#chain.kill(name)));
    await this.decide(Math.ceil(this.#proposals / 2));
    await this.#back(killed);
  }

  /** Those that are cut off decide nothing and follow afterwards. */
  async cutOff(count: number): Promise<void> {
    this.#chain.hold(this.#chain.names.slice(-count));
    await this.decide(Math.ceil(this.#proposals / 2));
    await this.#rejoined();
  }

  /** Nothing may become final meanwhile; afterwards what was proposed does. */
  async standStill(count: number): Promise<void> {
    this.#chain.hold(this.#chain.names.slice(-count));
    const proposed = await this.#propose();
    await new Promise((resolve) => setTimeout(resolve, STANDSTILL_MS));
    const [asked = ''] = this.#chain.awake;
    const { decisions } = await this.#chain.view(asked);
    const early = decisions.some(({ entries }) => entries.some(({ id }) => id === proposed.id));
    this.#extra['decidedWithoutQuorum'] = Number(early);
    const startedMs = performance.now();
    this.#chain.letGo();
    await this.#chain.approveEverywhere(proposed.id);
    await this.#decided(proposed);
    this.#extra['recoveredMs'] = performance.now() - startedMs;
  }

  async #propose(): Promise<Proposed> {
    const { awake } = this.#chain;
    this.#turn += 1;
    const proposed = await this.#chain.propose(awake[this.#turn % awake.length] ?? '');
    this.#ids.push(proposed.id);
    return proposed;
  }

  async #decided(proposed: Proposed): Promise<void> {
    const { awake } = this.#chain;
    const found = await this.#chain.untilDecided(proposed, awake, DECISION_WITHIN_MS);
    this.#samples.push(...found.afterMs.values());
  }

  async #back(names: readonly string[]): Promise<void> {
    const startedMs = performance.now();
    await this.#chain.restart(names);
    await this.#chain.untilAgreed(this.#chain.names, DECISION_WITHIN_MS);
    this.#extra['rejoinedMs'] = performance.now() - startedMs;
  }

  async #rejoined(): Promise<void> {
    const startedMs = performance.now();
    this.#chain.letGo();
    await this.#chain.untilAgreed(this.#chain.names, DECISION_WITHIN_MS);
    this.#extra['rejoinedMs'] = performance.now() - startedMs;
  }
}
