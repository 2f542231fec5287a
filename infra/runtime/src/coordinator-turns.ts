// One of several coordinators on one log: it stands by and follows the log, leads while the lease is
// its own, and stands by again. A stand-by does not listen: sites go on to the next address.

import { join } from 'node:path';
import { createPinoLogger, SystemClock } from '@starling/adapters';
import { type CoordinatorStatus, foldNewer, loadSnapshot } from '@starling/coordinator';
import type { FederationState } from '@starling/rules';
import type { Leadership, Lease, Logger } from '@starling/shared';
import { serveLocally } from './local-api/serve-locally.ts';
import { standbyApi } from './local-api/standby-api.ts';
import { RuntimeError } from './runtime-error.ts';
import {
  type CoordinatorParts,
  type ServingCoordinator,
  serveCoordinator,
} from './serve-coordinator.ts';

/** How often a stand-by folds what is new in the log. */
const FOLLOW_MS = 1_000;
/** After a turn that failed, others may lead first. */
const AGAIN_AFTER_MS = 2_000;

/** Invariant: it serves members only while it holds the lease and nobody else wrote to the log. */
export class CoordinatorTurns {
  readonly #parts: CoordinatorParts;
  readonly #leadership: Leadership;
  readonly #clock = new SystemClock();
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #known: FederationState | undefined;
  #following: Promise<void> = Promise.resolve();
  #holder = 'nobody yet';
  /** Why the log is not followed; empty while it is. */
  #fault = '';
  #serving: ServingCoordinator | undefined;
  #ended: Promise<void> = Promise.resolve();

  private constructor(parts: CoordinatorParts, leadership: Leadership) {
    const { config, folder } = parts;
    this.#parts = parts;
    this.#leadership = leadership;
    this.#logger = createPinoLogger({
      level: config.logLevel,
      file: join(folder.home, 'log.jsonl'),
      fields: { site: 'coordinator' },
    });
  }

  /** Resolves when it leads or saw that another does. @throws when its first turn fails */
  static async start(parts: CoordinatorParts, leadership: Leadership): Promise<CoordinatorTurns> {
    const turns = new CoordinatorTurns(parts, leadership);
    const settled = Promise.withResolvers<void>();
    turns.#ended = turns.#run(settled);
    try {
      await settled.promise;
      return turns;
    } catch (error) {
      await turns.stop();
      throw error;
    }
  }

  /** @throws {RuntimeError} `request-refused` while another leads */
  async status(): Promise<CoordinatorStatus> {
    if (this.#serving !== undefined) return this.#serving.coordinator.status();
    throw new RuntimeError('request-refused', this.#describe());
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the coordinator stops'));
    await this.#ended;
  }

  async #run(first: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let lease: Lease | undefined;
      try {
        lease = await this.#standBy(first.resolve);
        await this.#lead(lease, first.resolve);
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) this.#logger.error('a turn failed', { detail });
        // No effect once something settled it: later turns may fare better.
        first.reject(error);
      } finally {
        await lease?.release();
      }
      await this.#clock.sleep(AGAIN_AFTER_MS, signal).catch(() => undefined);
    }
  }

  async #standBy(onWaiting: () => void): Promise<Lease> {
    const { eventLog, folder } = this.#parts;
    const server = await serveLocally(folder.home, 'coordinator', (token) => {
      const describe = () => this.#describe();
      return standbyApi({ describe, eventLog, logger: this.#logger, token });
    });
    this.#parts.standing.set({
      kind: 'stands-by',
      describe: () => this.#describe(),
      known: () => this.#known,
    });
    const cancel = this.#clock.every(FOLLOW_MS, () => this.#follow());
    try {
      return await this.#leadership.acquire(this.#stopping.signal, (holder) => {
        if (holder !== this.#holder) this.#logger.info('stands by', { leader: holder });
        this.#holder = holder;
        onWaiting();
      });
    } finally {
      cancel();
      await this.#following;
      await server.stop();
    }
  }

  async #follow(): Promise<void> {
    this.#following = this.#foldOn().then(
      (state) => {
        this.#known = state;
        this.#fault = '';
      },
      (error: unknown) => {
        this.#known = undefined;
        this.#fault = error instanceof Error ? error.message : String(error);
        this.#logger.warn('the log is not followed', { detail: this.#fault });
      },
    );
    await this.#following;
  }

  async #foldOn(): Promise<FederationState | undefined> {
    const { eventLog, snapshots } = this.#parts;
    const known = this.#known ?? (await loadSnapshot(eventLog, snapshots, this.#logger));
    return foldNewer(eventLog, known);
  }

  async #lead({ formerUntilMs, lost, token }: Lease, onLeading: () => void): Promise<void> {
    const known = this.#known;
    // The coordinator folds it on.
    this.#known = undefined;
    this.#serving = await serveCoordinator(this.#parts, { formerUntilMs, known, token });
    const { coordinator, stop } = this.#serving;
    this.#logger.info('leads', { token });
    onLeading();
    await ended([lost, coordinator.fenced, this.#stopping.signal]);
    this.#serving = undefined;
    if (!this.#stopping.signal.aborted) this.#logger.warn('steps down', { token });
    await stop();
  }

  #describe(): string {
    const { log } = this.#parts.config;
    const where = log.kind === 'nats' ? `the log at ${log.servers.join(', ')}` : 'the log';
    const { head } = this.#known ?? { head: 0 };
    const how =
      this.#fault === '' ? `followed up to event ${head}` : `NOT followed: ${this.#fault}`;
    return `stands by: ${this.#holder} leads; ${where} is ${how}`;
  }
}

/** Resolves when one of the signals is aborted. */
async function ended(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return;
  await new Promise<void>((resolve) => {
    any.addEventListener('abort', () => resolve(), { once: true });
  });
}
