// The coordinator follows the members' chain without a vote in it: it asks them for decided blocks,
// believes certificates and nobody, and shows what it sees. The chain does not need it.

import { VerificationQueue, verifyLater } from '@starling/crypto';
import { activePeers, askChain, ChainFollower, DOCUMENTS, LedgerRules } from '@starling/rules';
import {
  type Cancel,
  type ChainStatus,
  chainStatus,
  type Opened,
  type TransportId,
} from '@starling/shared';
import type { CoordinatorDependencies } from '../dependencies.ts';
import type { FederationLog } from '../federation-log.ts';
import type { ChainView } from './chain-view.ts';
import { describeObserved } from './describe-observed.ts';
import type { ObservedChain } from './observed-chain.ts';
import { openObserved } from './open-observed.ts';
import { WaitingProposals } from './waiting-proposals.ts';

/** How often it looks whether members told of a higher block. */
const LOOK_EVERY_MS = 1_000;
/** How often it asks a member when nobody told of one: statuses may be lost. */
export const OBSERVE_IDLE_MS = 15_000;
/** Members that are asked for one block, one after the other. */
const ASKED_MAX = 4;

export class ChainObserver {
  readonly #world: CoordinatorDependencies;
  readonly #log: FederationLog;
  readonly #peers: () => readonly TransportId[];
  readonly #queue: VerificationQueue;
  readonly #rules: LedgerRules;
  readonly #waiting = new WaitingProposals();
  readonly #stopping = new AbortController();
  #chain: ObservedChain | undefined;
  #follower: ChainFollower | undefined;
  /** Why the chain cannot be observed. */
  #objection: string | undefined;
  #cancel: Cancel = () => undefined;
  #looking: Promise<void> | undefined;
  /** Highest block that members told of since the last look. */
  #toldHeight = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #turn = 0;

  /** @param peers those with a proved connection */
  constructor(
    world: CoordinatorDependencies,
    log: FederationLog,
    peers: () => readonly TransportId[],
  ) {
    const { federation, genesis } = log.state;
    this.#world = world;
    this.#log = log;
    this.#peers = peers;
    const counter = 'starling_coordinator_chain_verifications_total';
    this.#queue = new VerificationQueue(world.verify ?? verifyLater, world.meter, counter);
    this.#rules = new LedgerRules({ federation, genesis }, this.#queue);
  }

  start(): void {
    this.#cancel = this.#world.clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Takes note of a message on the topic `consensus` that was verified. */
  hear(message: Opened<unknown>): void {
    if (message.type === chainStatus.type) {
      const { height } = message.body as ChainStatus;
      this.#toldHeight = Math.max(this.#toldHeight, height);
    } else this.#waiting.hear(message);
  }

  /** Null before the chain has opened. */
  view(): ChainView | null {
    if (this.#chain === undefined) return null;
    this.#waiting.forget(this.#chain.state);
    return describeObserved(this.#chain, this.#waiting);
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#stopping.abort(new Error('the coordinator stops'));
    this.#queue.stop();
    await this.#looking;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#follow()
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        const detail = error instanceof Error ? error.message : String(error);
        this.#world.logger.error('the chain is not followed', { detail });
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #follow(): Promise<void> {
    const nowMs = this.#world.clock.monotonicMs();
    const height = this.#chain?.state.tip.height ?? 0;
    const isTold = this.#toldHeight > height;
    if (!isTold && nowMs - this.#lookedMs < OBSERVE_IDLE_MS) return;
    if (!(await this.#open())) return;
    this.#lookedMs = nowMs;
    const told = this.#toldHeight;
    // Whoever tells of heights that nobody can show is asked about each of its words once.
    this.#toldHeight = 0;
    for (const to of this.#members().slice(0, isTold ? ASKED_MAX : 1)) {
      if (this.#stopping.signal.aborted) return;
      await this.#follower?.follow(to);
      if ((this.#chain?.state.tip.height ?? 0) >= told) break;
    }
    if (this.#chain !== undefined) this.#waiting.forget(this.#chain.state);
  }

  async #open(): Promise<boolean> {
    if (this.#chain !== undefined) return true;
    const opened = await openObserved(this.#world, this.#log, this.#rules);
    if (opened === undefined) return false;
    if (!opened.ok) {
      const { detail } = opened.refusal;
      if (this.#objection !== detail)
        this.#world.logger.warn('the chain is not observed', { detail });
      this.#objection = detail;
      return false;
    }
    this.#chain = opened.value;
    this.#follower = new ChainFollower({
      ask: (to, request) => askChain(this.#world, to, request, { signal: this.#stopping.signal }),
      chain: opened.value,
      collection: DOCUMENTS,
      logger: this.#world.logger,
      queue: this.#queue,
      rules: this.#rules,
    });
    return true;
  }

  /** Members with a proved connection; each look begins with another one. */
  #members(): TransportId[] {
    const proved = new Set(this.#peers());
    const all = activePeers(this.#log.state.roster)
      .map(({ transportId }) => transportId)
      .filter((transportId) => proved.has(transportId));
    const start = all.length === 0 ? 0 : this.#turn++ % all.length;
    return [...all.slice(start), ...all.slice(0, start)];
  }
}
