// A site and its patterns: what it learned, what it says of others', which of them guide its searches.
// The chain gives the rules and the final patterns, and takes candidates and attestations.

import type { Cancel, ChainRules, Digest, Pattern, PatternAttestation } from '@starling/shared';
import type { EncoderShape, SparseRows } from '@starling/training';
import type { Collection } from '../collection.ts';
import type { PeerDependencies } from '../dependencies.ts';
import type { Generation, IndexGenerations } from '../index-generations.ts';
import { PeerError } from '../peer-error.ts';
import { AskedQueries } from './asked-queries.ts';
import { BaseSpace } from './base-space.ts';
import { ExactCounterpart } from './exact-counterpart.ts';
import { PatternEvaluator } from './pattern-evaluator.ts';
import { PatternGuide } from './pattern-guide.ts';
import { type LearningOutcome, type PatternCandidate, PatternLearner } from './pattern-learner.ts';
import type { PatternOptions } from './pattern-options.ts';
import { PatternVetoes, type Veto } from './pattern-vetoes.ts';
import type { PatternsStatus } from './patterns-status.ts';
import { ProposedBefore } from './proposed-before.ts';
import { type AnsweredQuery, QueryAudit } from './query-audit.ts';
import { type FinalPattern, fromWire } from './wire-pattern.ts';

/** Learnings and measurements that wait for their turn. */
export const MEASUREMENTS_WAITING_MAX = 256;

export interface PatternParts {
  /** Says under which rules patterns are learned and measured, once the chain is open. */
  readonly chain: { readonly known: { readonly body: OpenChain } | undefined };
  readonly collection: Collection;
  readonly generations: Pick<IndexGenerations, 'active'>;
  readonly shape: EncoderShape;
  /** The federation's, of its base space. */
  readonly seed: number;
  readonly recallTarget: number;
  readonly options: PatternOptions;
}

interface OpenChain {
  readonly collection: string;
  readonly rules: ChainRules;
}

type World = Pick<PeerDependencies, 'clock' | 'logger' | 'meter' | 'store'>;

export class SitePatterns {
  readonly #world: World;
  readonly #parts: PatternParts;
  readonly #guide: PatternGuide;
  readonly #asked = new AskedQueries();
  readonly #base: BaseSpace;
  readonly #exact: ExactCounterpart;
  readonly #audit: QueryAudit;
  readonly #learner: PatternLearner;
  readonly #evaluator: PatternEvaluator;
  readonly #proposed = new ProposedBefore();
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<(candidates: readonly PatternCandidate[]) => void>();
  #lastLearned: LearningOutcome | undefined;
  #learnDueAt: number;
  #waiting = 0;
  /** One learning or measurement at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(world: World, parts: PatternParts, vetoes: PatternVetoes) {
    const { clock } = world;
    const { signal } = this.#stopping;
    const { collection, options, seed, shape } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#learnDueAt = options.learnEvery;
    this.#base = new BaseSpace(shape, seed);
    this.#guide = new PatternGuide(world, { base: this.#base, use: options.use, vetoes });
    this.#exact = new ExactCounterpart(clock, signal, collection, shape);
    const own = { asked: this.#asked, base: this.#base, collection, exact: this.#exact };
    this.#audit = new QueryAudit(world, options.auditEvery, this.#exact);
    this.#learner = new PatternLearner(own, { clock, signal });
    this.#evaluator = new PatternEvaluator(own, { clock, signal });
  }

  static async open(world: World, parts: PatternParts): Promise<SitePatterns> {
    return new SitePatterns(world, parts, await PatternVetoes.open(world.store));
  }

  /** The final patterns in force, in the order they became final, instead of those before. */
  setFinal(patterns: readonly FinalPattern[]): void {
    this.#guide.setFinal(patterns);
  }

  /** Called with what this site proposes, if its operator lets it; the same not twice an hour. */
  onCandidates(listener: (candidates: readonly PatternCandidate[]) => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * How wide to search: as a final pattern near the query says, or `usual`. Never throws.
   * @param features - the query, one row
   */
  efSearchFor(features: SparseRows, k: number, usual: number): number {
    const { known } = this.#parts.chain;
    if (known === undefined) return usual;
    return this.#guide.efSearchFor(features, k, usual, known.body.rules.centroidScale);
  }

  /** Takes note of an answered query, and learns in the background when it is time. */
  record(features: SparseRows, answered: AnsweredQuery): void {
    this.#asked.record(features);
    this.#audit.consider(answered);
    if (this.#asked.count < this.#learnDueAt || !this.#parts.options.propose) return;
    this.#learnDueAt = this.#asked.count + this.#parts.options.learnEvery;
    if (this.#parts.chain.known === undefined) return;
    this.#world.clock.after(0, () => {
      this.learnNow().catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#world.logger.warn('no patterns learned', { detail: detailOf(error) });
      });
    });
  }

  /**
   * Learns from the kept queries; what is worth it here, on the held-out queries too, goes to the
   * listeners if the operator opted in.
   * @throws {PeerError} `not-ready` before the first generation or while no chain is open
   */
  learnNow(): Promise<LearningOutcome> {
    return this.#measuring(async (generation, chain) => {
      const { clock, meter } = this.#world;
      const { options, recallTarget, seed } = this.#parts;
      const startedMs = clock.monotonicMs();
      const learned = await this.#learner.learn({
        ...chain,
        generation,
        recallTarget,
        seed,
        rehearse: options.rehearse,
        final: this.#guide.final,
      });
      const candidates: PatternCandidate[] = [];
      for (const candidate of learned.candidates) {
        // What this site would not accept from others it does not ask them to accept.
        const own = await this.#evaluator.evaluate(
          fromWire(candidate.pattern),
          generation,
          chain.rules,
        );
        if (own.verdict !== 'reject' && !own.findsLess) candidates.push(candidate);
      }
      const outcome = { ...learned, candidates };
      this.#lastLearned = outcome;
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      meter.observe('starling_peer_pattern_learning_seconds', seconds);
      meter.count('starling_peer_pattern_candidates_total', candidates.length);
      if (options.propose) this.#propose(candidates, chain.rules);
      return outcome;
    });
  }

  /**
   * Measures a proposed pattern on the site's held-out queries: the body of its attestation. One that
   * serves this site worse is vetoed here, whatever the others say.
   * @throws {PeerError} `not-ready`, `limit-exceeded`
   */
  attest(proposal: Digest, pattern: Pattern): Promise<PatternAttestation> {
    return this.#measuring(async (generation, { collection, rules }) => {
      const { findsLess, ...measured } = await this.#evaluator.evaluate(
        fromWire(pattern),
        generation,
        rules,
      );
      const { verdict } = measured;
      this.#world.meter.count('starling_peer_pattern_attestations_total', 1, { verdict });
      if (findsLess || verdict === 'reject') {
        const recall = (measured.recallMicros / 1e6).toFixed(3);
        const cost = (measured.costRatioMicros / 1e6).toFixed(2);
        const reason = `recall ${recall}, cost ${cost} of today's, on ${measured.queries} queries`;
        await this.#guide.veto(proposal, 'measurement', reason);
      } else if (verdict === 'accept') await this.#guide.lift(proposal, 'measurement');
      return { ...measured, collection, proposal };
    });
  }

  get vetoes(): ReadonlyMap<Digest, Veto> {
    return this.#guide.vetoes;
  }

  /** This site does not search by the pattern, final or not. @throws {PeerError} `limit-exceeded` */
  async veto(id: Digest, reason: string): Promise<void> {
    await this.#guide.veto(id, 'operator', reason);
  }

  /** @returns whether there was a veto */
  unveto(id: Digest): Promise<boolean> {
    return this.#guide.lift(id);
  }

  status(): PatternsStatus {
    const { propose, use } = this.#parts.options;
    const learned = this.#lastLearned;
    return {
      propose,
      use,
      final: this.#guide.final.length,
      used: this.#guide.used,
      vetoed: this.#guide.vetoes.size,
      guided: this.#guide.guided,
      asked: this.#asked.count,
      audit: this.#audit.summary ?? null,
      learned:
        learned === undefined
          ? null
          : {
              queries: learned.queries,
              patterns: learned.learned,
              candidates: learned.candidates.length,
            },
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new PeerError('stopped', 'the site stops'));
    this.#listeners.clear();
    await this.#audit.stop();
    await this.#tail;
    this.#exact.drop();
  }

  #propose(candidates: readonly PatternCandidate[], rules: ChainRules): void {
    const fresh = this.#proposed.fresh(candidates, rules, this.#world.clock.monotonicMs());
    if (fresh.length === 0) return;
    for (const listener of this.#listeners) listener(fresh);
  }

  /** Works on the generation that answers; begins again when another took its place meanwhile. */
  #measuring<T>(work: (generation: Generation, chain: OpenChain) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      for (;;) {
        const { chain, generations } = this.#parts;
        const generation = generations.active;
        if (chain.known === undefined || generation === undefined) throw notReady(generation);
        try {
          return await work(generation, chain.known.body);
        } catch (error) {
          // The index of a former generation is closed.
          if (generation === generations.active || this.#stopping.signal.aborted) throw error;
        }
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MEASUREMENTS_WAITING_MAX) {
      const message = `${this.#waiting} patterns wait to be measured; try again later`;
      return Promise.reject(new PeerError('limit-exceeded', message));
    }
    this.#waiting += 1;
    const done = this.#tail
      .then(() => {
        this.#stopping.signal.throwIfAborted();
        return work();
      })
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

function notReady(generation: Generation | undefined): PeerError {
  const message =
    generation === undefined
      ? 'the index is still being built; try again in a moment'
      : 'no pattern chain is open yet: it opens with the first round';
  return new PeerError('not-ready', message);
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
