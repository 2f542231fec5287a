// A federation of real processes whose parts can be broken: three NATS servers, two coordinators on
// their log, sites behind links of their own.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FederationState, roundsDone } from '@starling/rules';
import {
  addDocumentsOffline,
  createSiteFolder,
  joinSite,
  LocalClient,
  type PeerStatus,
  readLedger,
} from '@starling/runtime';
import type { EncoderShape, FinalVersion } from '@starling/shared';
import { freePort, type NatsCluster, startNatsCluster } from '../../contracts/nats-servers.ts';
import { documentsOf } from '../chain-federation.ts';
import { LogWatch } from './log-watch.ts';
import { LoopbackNetwork } from './loopback-network.ts';
import { ServedProcess } from './served-process.ts';
import { SmallDisk, smallDiskObjection } from './small-disk.ts';
import { foundTwoCoordinators, leadingStatus, loopback } from './two-coordinators.ts';

const CHECK_MS = 50;
const WITHIN_MS = 150_000;
/** A site of the benchmark keeps about a third of it. */
const SMALL_DISK_MB = 96;

export interface FaultFederationSpec {
  readonly home: string;
  readonly sites: number;
  readonly encoder: EncoderShape;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** What must hold after every fault. */
export interface Verdict {
  /** Events of the log that were durable and are gone. */
  readonly lostEvents: number;
  /** Why rounds failed since the count that was given. */
  readonly failures: readonly string[];
  /** What `ledger verify` finds. */
  readonly ledgerProblems: readonly string[];
  /** Different models at the sites; 1 when all have the newest. */
  readonly models: number;
}

export class FaultFederation {
  readonly names: readonly string[];
  readonly coordinators: ServedProcess[] = [];
  readonly network: LoopbackNetwork;
  readonly #spec: FaultFederationSpec;
  readonly #processes = new Map<string, ServedProcess>();
  #nats: NatsCluster | undefined;
  #watch: LogWatch | undefined;
  #stream = '';
  #smallDisk: { readonly disk: SmallDisk; readonly site: string } | undefined;

  private constructor(spec: FaultFederationSpec) {
    this.#spec = spec;
    this.names = Array.from({ length: spec.sites }, (_, i) => `site-${i + 1}`);
    this.network = new LoopbackNetwork(() => this.#running());
  }

  /** Founds it and waits until every site is ready. */
  static async found(spec: FaultFederationSpec): Promise<FaultFederation> {
    const federation = new FaultFederation(spec);
    try {
      await federation.#found();
      return federation;
    } catch (error) {
      await federation.stop();
      throw error;
    }
  }

  get watch(): LogWatch {
    if (this.#watch === undefined) throw new Error('not founded');
    return this.#watch;
  }

  get nats(): NatsCluster {
    if (this.#nats === undefined) throw new Error('not founded');
    return this.#nats;
  }

  /** The second site's; undefined where none can be mounted. */
  get smallDisk(): { readonly disk: SmallDisk; readonly site: string } | undefined {
    return this.#smallDisk;
  }

  /** As the servers know the log. */
  get stream(): string {
    return `STARLING_${this.#stream}`;
  }

  process(name: string): ServedProcess {
    const found = this.#processes.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  /** The coordinator that leads; undefined while none does. */
  async leader(): Promise<ServedProcess | undefined> {
    for (const each of this.coordinators) {
      if (each.pid !== undefined && (await leadingStatus(each.home)) !== undefined) return each;
    }
    return undefined;
  }

  /** Plans one more round and waits until it is open. @returns its number */
  async openRound(count = 1): Promise<number> {
    const { state } = await this.watch.look();
    const before = state.round?.plan.round ?? 0;
    const leader = await this.until('one leads', () => this.leader());
    const client = await LocalClient.open(leader.home);
    await client.planRounds(state.roundsPlanned + count, this.names.length);
    await this.until('the round is open', async () => {
      const round = (await this.watch.look()).state.round?.plan.round ?? 0;
      return round > before || undefined;
    });
    return before + 1;
  }

  /** Waits until a later round than the newest one is open, as long as one is planned. */
  async nextRound(): Promise<void> {
    const numberOf = (state: FederationState) => state.round?.plan.round ?? 0;
    const before = numberOf((await this.watch.look()).state);
    await this.until('the next round is open', async () => {
      const { state } = await this.watch.look();
      return numberOf(state) > before || roundsDone(state) >= state.roundsPlanned || undefined;
    });
  }

  /** Waits until every planned round is closed. */
  async finished(): Promise<void> {
    await this.until('the planned rounds are closed', async () => {
      const { state } = await this.watch.look();
      return roundsDone(state) >= state.roundsPlanned || undefined;
    });
  }

  async peerStatus(name: string): Promise<PeerStatus | undefined> {
    if (this.process(name).pid === undefined) return undefined;
    try {
      return await (await LocalClient.open(this.process(name).home)).peerStatus();
    } catch {
      // It starts, or stops.
      return undefined;
    }
  }

  /** Waits until these sites have the newest model. */
  async caughtUp(names = this.names): Promise<void> {
    await this.until('the sites have the newest model', async () => {
      const newest = await this.#newest();
      const statuses = await Promise.all(names.map((name) => this.peerStatus(name)));
      return statuses.every((status) => status?.model.root === newest?.model.root) || undefined;
    });
  }

  /** Waits until the leader lists these sites as ready. */
  async registered(names: readonly string[]): Promise<void> {
    await this.until(`${names.join(' and ')} registered`, async () => {
      const leader = await this.leader();
      const members = (leader && (await leadingStatus(leader.home)))?.members ?? [];
      const there = members.filter((one) => one.connected && one.ready).map(({ site }) => site);
      return names.every((name) => there.includes(name)) || undefined;
    });
  }

  /** Waits until every server that keeps the log has all of it. */
  async logWhole(): Promise<void> {
    await this.until('every server has the whole log', async () => {
      const leader = await this.leader();
      const log = (leader && (await leadingStatus(leader.home)))?.log;
      return log?.detail.startsWith('3 of 3') || undefined;
    });
  }

  async verdict(failedBefore: number): Promise<Verdict> {
    const roots = await Promise.all(
      this.names.map(async (name) => (await this.peerStatus(name))?.model.root ?? `none: ${name}`),
    );
    const leader = await this.until('one leads', () => this.leader());
    const { problems } = await readLedger(leader.home);
    return {
      lostEvents: await this.watch.lost(),
      failures: this.watch.failures.slice(failedBefore),
      ledgerProblems: problems,
      models: new Set([...roots, (await this.#newest())?.model.root]).size,
    };
  }

  /** Sites of the newest round that are not in its sum. */
  async missing(): Promise<number> {
    return (await this.watch.look()).state.round?.missing.length ?? 0;
  }

  /** @throws {Error} that says what was waited for */
  async until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    const deadlineMs = performance.now() + WITHIN_MS;
    for (;;) {
      this.#spec.signal.throwIfAborted();
      const answer = await probe();
      if (answer !== undefined) return answer;
      if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  }

  async stop(): Promise<void> {
    this.network.stop();
    await Promise.all(this.names.map((name) => this.#processes.get(name)?.stop()));
    await Promise.all(this.coordinators.map((process) => process.stop()));
    await this.#watch?.stop();
    await Promise.all(this.#nats?.servers.map((server) => server.kill()) ?? []);
    this.#smallDisk?.disk.unmount();
  }

  async #newest(): Promise<Pick<FinalVersion, 'model'> | undefined> {
    return (await this.watch.look()).state.versions.at(-1);
  }

  *#running(): Iterable<readonly [string, number]> {
    for (const [name, { pid }] of this.#processes) if (pid !== undefined) yield [name, pid];
  }

  async #found(): Promise<void> {
    const { encoder, home, progress } = this.#spec;
    await mkdir(home, { recursive: true });
    this.#nats = await startNatsCluster(join(home, 'nats'));
    const servers = this.#nats.servers.map(({ address }) => address);
    progress('three NATS servers run');
    const found = await foundTwoCoordinators(home, servers, encoder, this.network);
    this.coordinators.push(...found.processes);
    this.#stream = found.stream;
    for (const process of found.processes) {
      this.#processes.set(process.name, process);
      await process.start();
    }
    this.#watch = await LogWatch.open(servers, this.#stream);
    progress('two coordinators run');
    for (const [i, name] of this.names.entries()) await this.#join(name, i);
    await Promise.all(this.names.map((name) => this.process(name).start()));
    await this.registered(this.names);
    progress(`${this.names.length} sites are ready`);
  }

  async #join(name: string, i: number): Promise<void> {
    const home = join(this.#spec.home, name);
    const port = await freePort();
    if (i === 1 && smallDiskObjection() === undefined) {
      this.#smallDisk = { disk: await SmallDisk.mount(home, SMALL_DISK_MB), site: name };
    }
    await createSiteFolder(home, {
      announce: [loopback(await this.network.open(name, port))],
      listen: [loopback(port)],
      role: 'peer',
      site: name,
      version: 1,
    });
    const leader = await this.until('one leads', () => this.leader());
    await joinSite(home, await (await LocalClient.open(leader.home)).invite(name));
    await addDocumentsOffline(home, documentsOf(i));
    this.#processes.set(name, new ServedProcess(name, home, 'peer'));
  }
}
