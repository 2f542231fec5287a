// A federation in one process: a coordinator and its sites over a memory network and a clock that a
// test moves by hand.

import {
  ManualClock,
  MemoryEventLog,
  MemoryNetwork,
  MemoryPeerStore,
  MemorySnapshots,
} from '@starling/adapters';
import {
  Coordinator,
  type CoordinatorTurn,
  DEFAULT_COORDINATOR_OPTIONS,
  type FoundingTerms,
  foundFederation,
} from '@starling/coordinator';
import { digestOf, verifyNow } from '@starling/crypto';
import {
  decodeEvent,
  type FederationState,
  foldEvent,
  parseSchedule,
  type RecordedEvent,
  type Schedule,
  type ScheduleInput,
  type StoppingRule,
} from '@starling/rules';
import {
  type AggregationPolicy,
  type AppTask,
  type ChainEngine,
  type FederationId,
  type MaskedAggregation,
  ROSTER_LIFE_MS,
  type TrainingTask,
} from '@starling/shared';
import { initialParameters } from '@starling/training';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { ClusterNode, type NodePlace, type WrapBus } from './cluster-node.ts';
import { ClusterSite } from './cluster-site.ts';

/** A run that needs more steps than this is stuck. */
const STEPS_MAX = 40_000;
const STEP_MS = 20;

export const TASK = Object.freeze<TrainingTask>({
  aggregation: { mode: 'plain' },
  app: null,
  clippingNormMicros: 5_000_000,
  encoder: { buckets: 64, dimension: 8 },
  seed: 7,
  training: {
    batchSize: 16,
    learningRateMicros: 5_000,
    localEpochs: 1,
    temperatureMicros: 50_000,
  },
});

/** Masked rounds as the demo runs them. */
export const MASKED: MaskedAggregation = Object.freeze<MaskedAggregation>({
  clipMicros: 1_000_000,
  corruptMicros: 333_333,
  dropMicros: 100_000,
  groupSize: null,
  mode: 'masked',
  noise: null,
  ring: 32,
});

/** Bounds that leave nothing to be measured: time here runs ahead of the work that it measures. */
export function fixedTime(ms: number): Schedule['training'] {
  return { startMs: ms, minMs: ms, maxMs: ms };
}

export interface ClusterOptions {
  readonly sites: number;
  readonly schedule: ScheduleInput;
  readonly gossipLoss: number;
  readonly wrapBus: WrapBus;
  /** Administrators and threshold of the genesis. */
  readonly founding: Pick<Partial<FoundingTerms>, 'administrators' | 'threshold'>;
  readonly rosterLifeMs: number;
  readonly aggregation: AggregationPolicy;
  /** An app in place of the encoder, and what it starts from. */
  readonly app: { readonly task: AppTask; readonly initial: Float32Array } | null;
  readonly chainEngine: ChainEngine;
  readonly snapshotEveryEvents: number;
  readonly stopping: StoppingRule | null;
}

export class MemoryCluster {
  readonly clock = new ManualClock();
  readonly network: MemoryNetwork;
  readonly eventLog = new MemoryEventLog();
  readonly snapshots = new MemorySnapshots();
  readonly marks = new MemoryPeerStore();
  readonly node: ClusterNode;
  readonly sites: readonly ClusterSite[];
  readonly place: NodePlace;
  readonly #options: ClusterOptions;
  #federation: FederationId | undefined;
  #coordinator: Coordinator | undefined;
  #nonces = 0;

  private constructor(folder: string, options: ClusterOptions) {
    this.#options = options;
    this.network = new MemoryNetwork({ seed: 1, gossipLoss: options.gossipLoss });
    const { wrapBus } = options;
    this.place = { clock: this.clock, network: this.network, folder, wrapBus };
    this.node = new ClusterNode('coordinator', this.place);
    this.sites = Array.from({ length: options.sites }, (_, i) => this.newSite(`site${i + 1}`));
  }

  /** Founds a federation and starts its coordinator; sites join by {@link admitAll}. */
  static async found(
    t: ExecutionContext,
    options: Partial<ClusterOptions> = {},
  ): Promise<MemoryCluster> {
    const wrapBus: WrapBus = (bus) => bus;
    const { aggregation } = TASK;
    const { chainEngine, snapshotEveryEvents } = DEFAULT_COORDINATOR_OPTIONS;
    const terms = {
      aggregation,
      app: null,
      chainEngine,
      founding: {},
      rosterLifeMs: ROSTER_LIFE_MS,
      snapshotEveryEvents,
      stopping: null,
    };
    const defaults = { sites: 3, schedule: {}, gossipLoss: 0, wrapBus, ...terms };
    const cluster = new MemoryCluster(temporaryFolder(t), { ...defaults, ...options });
    const { clock, eventLog, node } = cluster;
    const { channelKey, identity } = node;
    cluster.#federation = await foundFederation(
      { channelKey, clock, eventLog, identity },
      {
        name: 'ponds',
        rewards: { acceptedUpdate: 10, supply: 1_000, vote: 1 },
        rosterLifeMs: cluster.#options.rosterLifeMs,
        task: cluster.#task,
        ...cluster.#options.founding,
      },
    );
    await cluster.startCoordinator();
    t.teardown(() => cluster.stop());
    return cluster;
  }

  /** A founded federation whose sites have joined and run. */
  static async start(
    t: ExecutionContext,
    options: Partial<ClusterOptions> = {},
  ): Promise<MemoryCluster> {
    const cluster = await MemoryCluster.found(t, options);
    await cluster.admitAll();
    for (const site of cluster.sites) await site.start();
    return cluster;
  }

  get #task(): TrainingTask {
    const { aggregation, app } = this.#options;
    return { ...TASK, aggregation, app: app?.task ?? null };
  }

  get federation(): FederationId {
    if (this.#federation === undefined) throw new Error('no federation was founded');
    return this.#federation;
  }

  get coordinator(): Coordinator {
    if (this.#coordinator === undefined) throw new Error('the coordinator is stopped');
    return this.#coordinator;
  }

  newSite(name: string): ClusterSite {
    return new ClusterSite(name, this.place);
  }

  async admitAll(): Promise<void> {
    for (const site of this.sites) await site.join(this.coordinator.invite(site.name));
  }

  /** @param turn where it takes over from another on the same log */
  async startCoordinator(turn?: CoordinatorTurn): Promise<void> {
    const world = await this.node.open();
    const { chainEngine, rosterLifeMs, schedule, snapshotEveryEvents, stopping } = this.#options;
    this.#coordinator = await Coordinator.start(
      {
        ...world,
        eventLog: this.eventLog,
        marks: this.marks,
        snapshots: this.snapshots,
        nonce: () => digestOf(Uint8Array.of(this.#nonces++)),
        startingModel: this.#options.app?.initial ?? initialParameters(TASK.encoder, TASK.seed),
        verify: verifyNow,
      },
      {
        ...DEFAULT_COORDINATOR_OPTIONS,
        schedule: parseSchedule({ training: fixedTime(600_000), ...schedule }),
        chainEngine,
        republishMs: 500,
        rosterLifeMs,
        snapshotEveryEvents,
        stopping,
      },
      turn,
    );
  }

  /** Cuts the coordinator off without its knowing. @returns it, for the test to stop */
  async abandonCoordinator(): Promise<Coordinator> {
    const former = this.coordinator;
    this.#coordinator = undefined;
    await this.node.close();
    return former;
  }

  async stopCoordinator(): Promise<void> {
    await this.#coordinator?.stop();
    this.#coordinator = undefined;
    await this.node.close();
  }

  async stop(): Promise<void> {
    for (const site of this.sites) await site.stop();
    await this.stopCoordinator();
  }

  /** Every event so far, decoded. */
  events(): RecordedEvent[] {
    return this.eventLog.snapshot().map(decodeEvent);
  }

  /** The fold of the log as a third party makes it. */
  replay(): FederationState {
    let state: FederationState | undefined;
    for (const event of this.events()) state = foldEvent(state, event);
    if (state === undefined) throw new Error('the log is empty');
    return state;
  }

  /** Moves time until the condition holds. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let step = 0; step < STEPS_MAX; step++) {
      if (await holds()) return;
      await this.clock.advance(STEP_MS);
    }
    const waitingFor = (await this.#coordinator?.status())?.waitingFor ?? 'nothing';
    throw new Error(`never came: ${what}; the coordinator waits for: ${waitingFor}`);
  }

  /** Moves time until the run is over and every running site holds its last version. */
  async untilFinished(): Promise<void> {
    await this.until('the end of the run', async () => {
      const { finished, version } = await this.coordinator.status();
      const running = this.sites.filter(({ isRunning }) => isRunning);
      return finished && running.every(({ peer }) => peer.status().model.version === version);
    });
  }

  async untilEvent(type: RecordedEvent['type'], count = 1): Promise<void> {
    const isWanted = (event: { readonly type: string }): boolean => event.type === type;
    await this.until(`${count} × ${type}`, () => {
      return this.eventLog.snapshot().filter(isWanted).length >= count;
    });
  }
}
