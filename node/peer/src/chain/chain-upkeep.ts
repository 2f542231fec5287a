// What a site does again and again for its chain: opens it, brings its own entries, measures what was
// proposed, says again what is undecided, tells where it is.

import { sealMessage } from '@starling/crypto';
import {
  type ChainEntryBody,
  chainEntry,
  chainEvidence,
  type Digest,
  encodeCanonical,
  type Pattern,
  type PatternAttestation,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';
import type { ChainCore } from './chain-core.ts';
import type { ChainDriver } from './chain-driver.ts';
import { askBeginning, openDecided } from './chain-opening.ts';
import type { EvidenceBook } from './evidence-book.ts';
import { OwnEntries } from './own-entries.ts';
import { UNKNOWN_KEPT_MS } from './own-statements.ts';
import { modelEntry } from './pool-entries.ts';

/** How often an idle member says where it is. */
export const IDLE_STATUS_MS = 60_000;
/** How often the coordinator is asked how the chain began. */
const ASK_BEGINNING_MS = 60_000;
/**
 * What everyone should have by itself is gossiped once it has waited for so long and nobody else
 * said it meanwhile; twice as long each time, up to the largest.
 */
export const ENTRY_GOSSIP_AFTER_MS = 5_000;
export const ENTRY_GOSSIP_AFTER_MAX_MS = 80_000;
/** Times that a contradiction is told after it was found. */
const EVIDENCE_TOLD_MAX = 8;
/** Proposals that are measured at the same time. */
const MEASURING_MAX = 4;

export interface ChainOptions {
  /** How often own statements are said again and everything is looked at. */
  readonly repeatMs: number;
  /** The model version that this site holds. */
  modelVersion(): number;
  /** Measures a proposed pattern on own held-out queries; rejects when that is not possible now. */
  readonly evaluate?: (id: Digest, pattern: Pattern) => Promise<PatternAttestation>;
}

export class ChainUpkeep {
  readonly #core: ChainCore;
  readonly #driver: ChainDriver;
  readonly #evidence: EvidenceBook;
  readonly #options: ChainOptions;
  readonly #say: (frame: Uint8Array) => Promise<void>;
  readonly #entries: OwnEntries;
  readonly #measuring = new Set<Digest>();
  /** How often each contradiction was told. */
  readonly #told = new Map<Digest, number>();
  #askedMs = Number.NEGATIVE_INFINITY;
  #statusMs = Number.NEGATIVE_INFINITY;
  #waiting: { readonly name: string; sinceMs: number; waitMs: number } | undefined;

  constructor(
    core: ChainCore,
    driver: ChainDriver,
    evidence: EvidenceBook,
    options: ChainOptions,
    say: (frame: Uint8Array) => Promise<void>,
  ) {
    const { membership } = core.parts;
    this.#core = core;
    this.#driver = driver;
    this.#evidence = evidence;
    this.#options = options;
    this.#say = say;
    this.#entries = new OwnEntries(core.world.store, membership, core.queue, core.pool);
  }

  /** Does whatever is due. */
  async look(): Promise<void> {
    if (this.#core.stopping.signal.aborted) return;
    if (this.#driver.decided === undefined && !(await this.#open())) return;
    const state = this.#driver.decided?.state;
    if (state === undefined) return;
    await this.#entries.offer(state, this.#options.modelVersion());
    this.#driver.tick(this.#evidence.guilty);
    const { own, pool } = this.#core;
    await own.settle((about, keptMs) => keptMs > UNKNOWN_KEPT_MS && !pool.has(about));
    for (const frame of own.takeDue()) await this.#say(frame);
    await this.#gossipEntries();
    for (const id of this.#core.pool.proposals.keys()) void this.#measure(id);
    await this.tellEvidence();
    const nowMs = this.#core.world.clock.monotonicMs();
    if (nowMs - this.#statusMs < IDLE_STATUS_MS) return;
    this.#statusMs = nowMs;
    await this.#driver.told.say();
  }

  /** Another site gossips what waits here too: that is enough for a while. */
  entryHeard(): void {
    if (this.#waiting !== undefined) this.#waiting.sinceMs = this.#core.world.clock.monotonicMs();
  }

  /** After blocks were decided: what they settled leaves the pool and the disk. */
  async settle(): Promise<void> {
    const state = this.#driver.decided?.state;
    if (state === undefined) return;
    const { own, pool, rules } = this.#core;
    const over = pool.settle(state, rules.certified);
    this.#driver.consider();
    await own.settle((about) => over.has(about));
    await this.#entries.offer(state, this.#options.modelVersion());
    this.#driver.consider();
  }

  /** Tells of contradictions, a few times each. */
  async tellEvidence(): Promise<void> {
    const { federation, mail, world } = this.#core;
    for (const evidence of this.#evidence.all) {
      const told = this.#told.get(evidence.id) ?? 0;
      const body = this.#evidence.bodyOf(evidence);
      if (told >= EVIDENCE_TOLD_MAX || body === undefined) continue;
      this.#told.set(evidence.id, told + 1);
      await mail.publish(sealMessage(world.identity, chainEvidence, { federation, body }));
    }
  }

  async #open(): Promise<boolean> {
    if (this.#driver.standing === 'halted') return false;
    const nowMs = this.#core.world.clock.monotonicMs();
    if (this.#core.parts.chain.known === undefined) {
      // It is announced; who missed that asks now and then.
      if (nowMs - this.#askedMs < ASK_BEGINNING_MS) return false;
      this.#askedMs = nowMs;
      await askBeginning(this.#core);
    }
    const opened = await openDecided(this.#core);
    if (opened?.ok === false) this.#driver.refuse(opened.refusal.detail);
    if (opened?.ok !== true) return false;
    const { journal, own } = this.#core;
    const kept: Uint8Array[] = [];
    for await (const { kind, name, value } of journal.entries([
      'attestation',
      'evidence',
      'pool',
    ])) {
      if (kind === 'evidence') {
        if (name[0] === 'twin') continue;
        this.#evidence.restore(value);
      } else {
        own.restore(kind === 'pool' ? 'pool' : 'attestation', value);
        kept.push(value);
      }
    }
    await this.#driver.open(opened.value);
    for (const frame of kept) await this.#say(frame);
    await this.settle();
    // What was decided before this start did not get into the pool again.
    const { pool } = this.#core;
    await own.settle((about) => !pool.has(about));
    return true;
  }

  /**
   * Models and members are in everyone's hands by other ways; only what stays undecided for long is
   * gossiped, so that a hundred sites do not say the same thing a hundred times.
   */
  async #gossipEntries(): Promise<void> {
    const { collection, federation, mail, pool, world } = this.#core;
    const state = this.#driver.decided?.state;
    if (state === undefined) return;
    const models = pool.models.flatMap((model) => modelEntry(model, state));
    const entries: ChainEntryBody['entry'][] = [
      ...models,
      ...(pool.membership === undefined ? [] : [pool.membership]),
    ];
    const nowMs = world.clock.monotonicMs();
    const name = `${state.tip.height}/${entries.length}`;
    if (entries.length === 0) this.#waiting = undefined;
    else if (this.#waiting?.name !== name) {
      this.#waiting = { name, sinceMs: nowMs, waitMs: ENTRY_GOSSIP_AFTER_MS };
    }
    const waiting = this.#waiting;
    if (waiting === undefined || nowMs - waiting.sinceMs < waiting.waitMs) return;
    waiting.sinceMs = nowMs;
    waiting.waitMs = Math.min(2 * waiting.waitMs, ENTRY_GOSSIP_AFTER_MAX_MS);
    for (const entry of entries) {
      const body = { collection, entry };
      if (encodeCanonical(body as never).byteLength > chainEntry.bodyBytesMax) continue;
      await mail.publish(sealMessage(world.identity, chainEntry, { federation, body }));
    }
  }

  /** Measures a proposal once and signs what was measured. */
  async #measure(id: Digest): Promise<void> {
    const { own, pool, world } = this.#core;
    const { evaluate } = this.#options;
    const pooled = pool.proposals.get(id);
    if (pooled === undefined || evaluate === undefined || own.hasSaid('attestation', id)) return;
    if (this.#measuring.has(id) || this.#measuring.size >= MEASURING_MAX) return;
    this.#measuring.add(id);
    try {
      const measured = await evaluate(id, pooled.proposal.pattern);
      if (!this.#core.stopping.signal.aborted) await this.#say(await own.attest(measured));
    } catch (error) {
      if (!(error instanceof PeerError)) {
        const detail = error instanceof Error ? error.message : String(error);
        world.logger.warn('a pattern was not measured', { id, detail });
      }
    } finally {
      this.#measuring.delete(id);
    }
  }
}
