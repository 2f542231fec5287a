// The only writer of the event log: one transaction at a time, decided on the newest state,
// durable before it is folded.

import {
  decodeEvent,
  encodeEvent,
  type FederationEvent,
  type FederationState,
  foldEvent,
} from '@starling/rules';
import { type Clock, type EventLog, EventLogError, type NewEvent } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';
import type { Snapshots } from './snapshots.ts';

/** Decides which events follow from the present state; none leaves the log as it is. */
export type Decision = (state: FederationState) => readonly FederationEvent[];

export class FederationLog {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #snapshots: Snapshots | undefined;
  #state: FederationState;
  readonly #fenced = new AbortController();
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(
    log: EventLog,
    clock: Clock,
    state: FederationState,
    snapshots: Snapshots | undefined,
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#snapshots = snapshots;
    this.#state = state;
  }

  /**
   * Replays the log, or what `known` lacks of it.
   * @param snapshots keeps the state now and then; never when absent
   * @throws {CoordinatorError} `no-federation` when it is empty
   * @throws {RulesError} `corrupt-log`, `impossible-event`
   */
  static async open(
    log: EventLog,
    clock: Clock,
    known?: FederationState | undefined,
    snapshots?: Snapshots | undefined,
  ): Promise<FederationLog> {
    const state = await foldNewer(log, known);
    if (state === undefined) {
      throw new CoordinatorError('no-federation', 'the event log is empty; create one first');
    }
    return new FederationLog(log, clock, state, snapshots);
  }

  /** Starts an empty log with its first events. @throws {EventLogError} `conflict` */
  static async create(
    log: EventLog,
    clock: Clock,
    events: readonly FederationEvent[],
  ): Promise<FederationLog> {
    const nowMs = clock.nowMs();
    await log.append(
      events.map((event) => encodeEvent(event, nowMs)),
      0,
    );
    return FederationLog.open(log, clock);
  }

  /** The fold of everything appended so far; read it, never write it. */
  get state(): FederationState {
    return this.#state;
  }

  /** Aborted when another process appended: this one no longer knows the newest state. */
  get fenced(): AbortSignal {
    return this.#fenced.signal;
  }

  /** Appends what `decide` returns, after all transactions before it; true when it wrote. */
  transact(decide: Decision): Promise<boolean> {
    const run = this.#tail.then(async () => {
      this.#fenced.signal.throwIfAborted();
      const events = decide(this.#state);
      if (events.length === 0) return false;
      const nowMs = this.#clock.nowMs();
      const stored = events.map((event) => encodeEvent(event, nowMs));
      const head = this.#state.head;
      await this.#append(stored, head);
      const recorded = stored.map((event, i) => ({ ...event, seq: head + 1 + i }));
      for (const event of recorded) this.#state = foldEvent(this.#state, decodeEvent(event));
      const newest = recorded.at(-1);
      if (newest !== undefined) this.#snapshots?.follow(this.#state, newest);
      return true;
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }

  async #append(events: readonly NewEvent[], head: number): Promise<void> {
    try {
      await this.#log.append(events, head);
    } catch (cause) {
      if (cause instanceof EventLogError && cause.code === 'conflict') this.#fenced.abort(cause);
      throw cause;
    }
  }
}

/** Folds what a log holds beyond `known`, which it takes over; undefined for an empty log. */
export async function foldNewer(
  log: EventLog,
  known: FederationState | undefined,
): Promise<FederationState | undefined> {
  let state = known;
  for await (const stored of log.read((state?.head ?? 0) + 1)) {
    state = foldEvent(state, decodeEvent(stored));
  }
  return state;
}
