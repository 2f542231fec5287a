// Every so many searches one is asked again, exactly and later: the recall that people get is
// measured, not guessed from the day the index was built.

import { recallAtK, type SearchHit } from '@starling/index';
import { type Cancel, type Clock, type Logger, type Meter, toMicros } from '@starling/shared';
import type { Generation } from '../index-generations.ts';
import type { ExactCounterpart } from './exact-counterpart.ts';

/** Larger sites would hold their vectors twice. */
export const AUDIT_ROWS_MAX = 20_000;
export const AUDITS_PER_MINUTE_MAX = 30;
/** Audits that the reported recall is a mean of. */
export const AUDITS_KEPT_MAX = 200;

export interface AnsweredQuery {
  readonly query: Float32Array;
  readonly k: number;
  readonly hits: readonly SearchHit[];
  readonly generation: Generation;
}

export interface AuditSummary {
  /** Searches that were asked again since the start. */
  readonly audited: number;
  /** Mean recall of the newest of them. */
  readonly recallMicros: number;
}

interface AuditWorld {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Invariant: one audit at a time, never while an answer is waited for. */
export class QueryAudit {
  readonly #world: AuditWorld;
  readonly #exact: ExactCounterpart;
  readonly #every: number;
  readonly #recalls: number[] = [];
  #searches = 0;
  #audited = 0;
  #minuteEndMs = Number.NEGATIVE_INFINITY;
  #leftThisMinute = 0;
  #waiting: Cancel | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** @param every - of so many searches one is asked again */
  constructor(world: AuditWorld, every: number, exact: ExactCounterpart) {
    this.#world = world;
    this.#every = every;
    this.#exact = exact;
  }

  get summary(): AuditSummary | undefined {
    if (this.#recalls.length === 0) return undefined;
    const mean = this.#recalls.reduce((sum, recall) => sum + recall, 0) / this.#recalls.length;
    return { audited: this.#audited, recallMicros: toMicros(mean) };
  }

  /** Takes note of an answer, and asks its query again later if it is its turn. */
  consider(answered: AnsweredQuery): void {
    this.#searches += 1;
    if (this.#searches % this.#every !== 0 || this.#waiting !== undefined) return;
    if (answered.generation.index.size > AUDIT_ROWS_MAX || !this.#mayAudit()) return;
    this.#waiting = this.#world.clock.after(0, () => {
      this.#running = this.#audit(answered)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#waiting = undefined;
        });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting?.();
    await this.#running;
  }

  #mayAudit(): boolean {
    if (this.#isStopped) return false;
    const nowMs = this.#world.clock.monotonicMs();
    if (nowMs >= this.#minuteEndMs) {
      this.#minuteEndMs = nowMs + 60_000;
      this.#leftThisMinute = AUDITS_PER_MINUTE_MAX;
    }
    if (this.#leftThisMinute === 0) return false;
    this.#leftThisMinute -= 1;
    return true;
  }

  async #audit({ generation, hits, k, query }: AnsweredQuery): Promise<void> {
    // Documents that came since the exact index was made count as found where they are near.
    const { oracle } = await this.#exact.of(generation, false);
    const exact = await oracle.search(query, { k });
    this.#recalls[this.#audited % AUDITS_KEPT_MAX] = recallAtK(hits, exact.hits);
    this.#audited += 1;
    this.#world.meter.count('starling_peer_pattern_audits_total');
    const { recallMicros } = this.summary ?? { recallMicros: 0 };
    this.#world.meter.gauge('starling_peer_pattern_audited_recall', recallMicros / 1e6);
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    const detail = error instanceof Error ? error.message : String(error);
    this.#world.logger.debug('a search was not audited', { detail });
  }
}
