// Which final patterns guide this site's searches, and how wide the one near a query says to search.

import { PatternBook } from '@starling/learning';
import { type Digest, shortId } from '@starling/shared';
import type { SparseRows } from '@starling/training';
import type { PeerDependencies } from '../dependencies.ts';
import type { BaseSpace } from './base-space.ts';
import type { PatternVetoes, Veto } from './pattern-vetoes.ts';
import { type FinalPattern, fromWire } from './wire-pattern.ts';

export interface GuideParts {
  readonly base: BaseSpace;
  readonly vetoes: PatternVetoes;
  /** Whether patterns guide searches at all. */
  readonly use: boolean;
}

/** Invariant: the book holds the final patterns that this site has no veto against. */
export class PatternGuide {
  readonly #world: Pick<PeerDependencies, 'clock' | 'logger' | 'meter'>;
  readonly #parts: GuideParts;
  readonly #book: PatternBook;
  #final: readonly FinalPattern[] = [];
  #guided = 0;

  constructor(world: Pick<PeerDependencies, 'clock' | 'logger' | 'meter'>, parts: GuideParts) {
    this.#world = world;
    this.#parts = parts;
    this.#book = new PatternBook(parts.base.shape.dimension);
  }

  get final(): readonly FinalPattern[] {
    return this.#final;
  }

  /** Final patterns that searches here may be guided by. */
  get used(): number {
    return this.#parts.use ? this.#book.size : 0;
  }

  /** Searches whose width a pattern said. */
  get guided(): number {
    return this.#guided;
  }

  get vetoes(): ReadonlyMap<Digest, Veto> {
    return this.#parts.vetoes.all;
  }

  setFinal(patterns: readonly FinalPattern[]): void {
    this.#final = [...patterns];
    this.#fill();
  }

  /** @param features - the query, one row. Never throws. */
  efSearchFor(features: SparseRows, k: number, usual: number, scale: number): number {
    if (!this.#parts.use || this.#book.size === 0) return usual;
    const { clock, logger, meter } = this.#world;
    const startedMs = clock.monotonicMs();
    try {
      const found = this.#book.find(this.#parts.base.point(features, scale), k);
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      meter.observe('starling_peer_pattern_lookup_seconds', seconds);
      if (found === undefined) return usual;
      this.#guided += 1;
      meter.count('starling_peer_pattern_guided_total');
      return found.pattern.efSearch;
    } catch (error) {
      meter.count('starling_peer_pattern_failures_total');
      const detail = error instanceof Error ? error.message : String(error);
      logger.warn('searching without patterns', { detail });
      return usual;
    }
  }

  /** @throws {PeerError} `limit-exceeded` */
  async veto(id: Digest, by: Veto['by'], reason: string): Promise<void> {
    const { clock, logger } = this.#world;
    await this.#parts.vetoes.put(id, { atMs: clock.nowMs(), by, reason });
    logger.info('pattern vetoed', { pattern: shortId(id), by, reason });
    this.#fill();
  }

  /** @param by - lifts only a veto of that kind */
  async lift(id: Digest, by?: Veto['by']): Promise<boolean> {
    const isLifted = await this.#parts.vetoes.lift(id, by);
    if (isLifted) this.#fill();
    return isLifted;
  }

  #fill(): void {
    const { base, use, vetoes } = this.#parts;
    const used = this.#final.filter(({ id }) => !vetoes.all.has(id));
    this.#book.replace(used.map(({ id, pattern }) => ({ id, pattern: fromWire(pattern) })));
    // Drawn here, so that no search waits for it.
    if (use && used.length > 0) void base.parameters;
    this.#world.meter.gauge('starling_peer_patterns_usable', this.#book.size);
    this.#world.meter.gauge('starling_peer_patterns_vetoed', vetoes.all.size);
  }
}
