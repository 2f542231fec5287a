// A small federation of real processes whose chain has opened: sites that are killed, held still and
// started again, settings that are proposed and decided, logs that are compared.

import {
  type Agreement,
  agreementOf,
  type ConsensusView,
  demoTask,
  LocalClient,
  LocalFederation,
} from '@starling/runtime';
import type { TrainingTask } from '@starling/shared';
import { isRunning, STARLING } from './launched.ts';

const CHECK_MS = 20;
const KNOWN_WITHIN_MS = 30_000;
const STARTED_AT_ONCE = 4;
/** Enough to have one of every split. */
const DOCUMENTS = 60;
const LIGHT = { buckets: 512, dimension: 16 };

export interface ChainFederationSpec {
  readonly home: string;
  readonly sites: number;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

export interface Proposed {
  readonly id: string;
  readonly atMs: number;
}

/** One proposal, and when every asked site had it decided. */
export interface Finality {
  readonly id: string;
  /** Milliseconds from the proposal to the decision, by site. */
  readonly afterMs: ReadonlyMap<string, number>;
}

export class ChainFederation {
  readonly names: readonly string[];
  readonly federation: LocalFederation;
  readonly #spec: ChainFederationSpec;
  readonly #held = new Set<string>();
  #proposals = 0;

  private constructor(spec: ChainFederationSpec) {
    const { home, signal, sites } = spec;
    this.#spec = spec;
    this.names = Array.from({ length: sites }, (_, i) => `site-${i + 1}`);
    this.federation = new LocalFederation({ home, entry: STARLING, signal });
  }

  /** Founds it, runs one round, and waits until every site holds the block with its version. */
  static async found(spec: ChainFederationSpec): Promise<ChainFederation> {
    const chain = new ChainFederation(spec);
    try {
      await chain.#found();
      return chain;
    } catch (error) {
      await chain.stop();
      throw error;
    }
  }

  async client(site: string): Promise<LocalClient> {
    return LocalClient.open(this.federation.siteHome(site));
  }

  async view(site: string): Promise<ConsensusView> {
    return (await this.client(site)).consensus();
  }

  /** The site that leads the view in which the asked site is. */
  async leader(asked: string): Promise<string | undefined> {
    const { sites, status } = await this.view(asked);
    return status.leader === null ? undefined : sites[status.leader];
  }

  kill(site: string): Promise<boolean> {
    process.kill(this.federation.processId(site), 'SIGKILL');
    return this.federation.hasEnded(site, 10_000);
  }

  async restart(sites: readonly string[]): Promise<void> {
    await this.federation.startSites(sites);
  }

  /** Stops processes without their notice: to the others they are cut off. */
  hold(sites: readonly string[]): void {
    for (const site of sites) {
      process.kill(this.federation.processId(site), 'SIGSTOP');
      this.#held.add(site);
    }
  }

  letGo(): void {
    for (const site of this.#held) {
      const pid = this.federation.processId(site);
      if (isRunning(pid)) process.kill(pid, 'SIGCONT');
    }
    this.#held.clear();
  }

  /** Sites that run and are not held. */
  get awake(): readonly string[] {
    return this.names.filter((name) => this.federation.isAlive(name) && !this.#held.has(name));
  }

  /** Proposes a setting at one site and has the others approve it. */
  async propose(from: string, approving: readonly string[] = this.awake): Promise<Proposed> {
    this.#proposals += 1;
    const value = `value-${this.#proposals}`;
    const atMs = Date.now();
    const name = `test.proposal-${this.#proposals}`;
    const { id } = await (await this.client(from)).proposeSetting(name, value);
    const others = approving.filter((site) => site !== from);
    await Promise.all(others.map((site) => this.#approve(site, id)));
    return { id, atMs };
  }

  /** Also at those who agreed already: nothing is said twice. */
  async approveEverywhere(id: string): Promise<void> {
    await Promise.all(this.awake.map((site) => this.#approve(site, id)));
  }

  /** Waits until these sites hold it as decided. */
  async untilDecided(
    { atMs, id }: Proposed,
    sites = this.awake,
    withinMs = 60_000,
  ): Promise<Finality> {
    const afterMs = new Map<string, number>();
    await this.until(`${id.slice(0, 8)} is decided`, withinMs, async () => {
      for (const site of sites) {
        if (afterMs.has(site)) continue;
        const { decisions } = await this.view(site);
        const found = decisions.find(({ entries }) => entries.some((entry) => entry.id === id));
        if (found !== undefined) afterMs.set(site, found.decidedAtMs - atMs);
      }
      return afterMs.size === sites.length;
    });
    return { id, afterMs };
  }

  /** Waits until these sites stand at one height with one state root, and nothing waits. */
  async untilAgreed(sites = this.awake, withinMs = 60_000): Promise<readonly ConsensusView[]> {
    let views: readonly ConsensusView[] = [];
    await this.until('all sites stand at one height', withinMs, async () => {
      views = await Promise.all(sites.map((site) => this.view(site)));
      const roots = new Set(views.map(({ status }) => `${status.height} ${status.stateRoot}`));
      return roots.size === 1 && views.every(({ status }) => !status.isUndecided);
    });
    return views;
  }

  async agreement(sites = this.awake): Promise<Agreement> {
    const logs = new Map(
      await Promise.all(
        sites.map(async (site) => [site, (await this.view(site)).decisions] as const),
      ),
    );
    return agreementOf(logs);
  }

  /** @throws {Error} that says what was waited for */
  async until(
    what: string,
    withinMs: number,
    isSo: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const deadlineMs = performance.now() + withinMs;
    while (!(await isSo())) {
      this.#spec.signal.throwIfAborted();
      if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  }

  async stop(): Promise<void> {
    this.letGo();
    await this.federation.stop();
  }

  async #found(): Promise<void> {
    const { progress, sites } = this.#spec;
    const founding = {
      name: 'chain',
      task: lightTask(),
      sites: this.names.map((name, i) => ({ name, documents: documentsOf(i) })),
      baselines: null,
    };
    await this.federation.found(founding, (name) => progress(`${name} of ${sites} joined`));
    // Sixteen at once would all be slow, and one of them too slow.
    for (let from = 0; from < this.names.length; from += STARTED_AT_ONCE) {
      await this.federation.startSites(this.names.slice(from, from + STARTED_AT_ONCE));
    }
    progress('all sites run; one round opens the chain');
    const coordinator = await LocalClient.open(this.federation.coordinatorHome);
    await this.until('every site is ready', 300_000, async () => {
      return (await coordinator.coordinatorStatus()).members.every(({ ready }) => ready);
    });
    await coordinator.planRounds(1, this.names.length);
    await this.until('the first version is in the chain', 300_000, async () => {
      const views = await Promise.all(this.names.map((name) => this.view(name)));
      return views.every(({ status }) => status.height >= 1 && status.standing === 'voter');
    });
  }

  /** A proposal may not have arrived yet. */
  async #approve(site: string, id: string): Promise<void> {
    const client = await this.client(site);
    let isDecided = false;
    await this.until(`${site} knows ${id.slice(0, 8)}`, KNOWN_WITHIN_MS, async () => {
      const known = (await client.consensus()).settings.find((setting) => setting.id === id);
      isDecided = known?.status === 'final';
      return known !== undefined;
    });
    if (!isDecided) await client.approveSetting(id);
  }
}

export function lightTask(): TrainingTask {
  return { ...demoTask(1), aggregation: { mode: 'plain' }, encoder: LIGHT };
}

export function documentsOf(site: number) {
  return Array.from({ length: DOCUMENTS }, (_, i) => ({
    query: `how site ${site} counts item ${i}`,
    answer: `function count${site}x${i}(items: number): number { return items + ${i}; }`,
    source: 'test',
  }));
}
