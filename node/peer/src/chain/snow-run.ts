// One epoch of the chain at one member under the engine snow: polls over requests in even eras,
// certificates by signed votes in odd ones (Frosty, arXiv 2404.14250). What it alone hears is checked
// here and handed to the pure engine; what that asks for is carried out by `SnowHands`.

import {
  comparePeriods,
  type DecidedOpening,
  FrostyReplica,
  periodOf,
  type SnowRules,
  type StatementOutcome,
} from '@starling/consensus';
import type { SignatureClaim } from '@starling/crypto';
import {
  ACCEPT,
  type BlockChit,
  type ChainStatus,
  type Checked,
  type Digest,
  type OpenedEra,
  type RefusalReason,
  refusal,
  type TransportId,
  type Verdict,
} from '@starling/shared';
import type { ChainRun, EraRun, HeardStall, HeldOpening } from './chain-run.ts';
import type { RunTools } from './engine-hands.ts';
import type { EpochParts } from './epoch-host.ts';
import { EpochRun } from './epoch-run.ts';
import type { Effect, SnowPlaces } from './fed-engine.ts';
import { verdictOn } from './outcome-refusals.ts';
import { openingClaims, readOpened, readOpening, statementOf } from './snow-codec.ts';
import { SnowHands } from './snow-hands.ts';
import { frostyRecords, type SnowJournal, type SnowRecords } from './snow-journal.ts';
import { SnowOpenings } from './snow-openings.ts';
import { frostyConfig } from './snow-terms.ts';
import { viewTimeouts } from './view-timeouts.ts';

/** Undecided blocks that are kept: those that the engine holds, and those of a certificate era. */
export const UNDECIDED_BLOCKS_MAX = 512;

export interface SnowParts extends EpochParts {
  readonly engine: SnowRules;
  readonly snowJournal: SnowJournal;
  readonly records: SnowRecords;
}

const STALL_REASONS: Readonly<Record<StatementOutcome, RefusalReason | 'accept'>> = Object.freeze({
  counted: 'accept',
  duplicate: 'duplicate',
  equivocation: 'equivocation',
  malformed: 'wrong-shape',
  'future-era': 'future-round',
  'not-a-member': 'unknown-sender',
  'stale-era': 'stale-round',
  'unknown-own-statement': 'replay',
});

/** @throws {RangeError} when the rules are not safe for these members, numbers included. */
export function startSnow(parts: SnowParts): ChainRun {
  const { ballots, decided, engine: rules, leaderSeed, records, self, snowJournal, terms } = parts;
  const weights = terms.membership.members.map(({ weight }) => weight);
  const certificateTimeouts = viewTimeouts(parts.world.bus);
  const epoch = { certificateTimeouts, leaderSeed, self, weights };
  const setting = { ...epoch, members: weights.length, root: decided.state.tip };
  const votes = ballots.map(({ vote }) => vote);
  const journal = { ...frostyRecords(records, terms), votes };
  const replica = new FrostyReplica<Uint8Array>(frostyConfig(rules, setting), journal);
  const openings = new SnowOpenings(snowJournal, terms, records, parts.world.logger);
  const handsFor = (tools: RunTools): SnowHands => {
    const { blocks } = tools;
    const engine: SnowPlaces['engine'] = {
      status: () => replica.status(),
      feed: (action) => tools.feed((nowMs) => action(replica, nowMs)),
    };
    const places = { blocks, engine, openings };
    return new SnowHands(parts, tools, places, new SnowEras(parts, places));
  };
  return new EpochRun<Effect>(parts, replica, handsFor, UNDECIDED_BLOCKS_MAX);
}

class SnowEras implements EraRun {
  readonly #parts: SnowParts;
  readonly #places: SnowPlaces;

  constructor(parts: SnowParts, places: SnowPlaces) {
    this.#parts = parts;
    this.#places = places;
    const opened = parts.records.opened && readOpened(parts.records.opened, parts.terms);
    if (opened?.ok) this.#noteStarts(opened.value.opening);
  }

  askForCertificates(): void {
    this.#places.engine.feed((replica, nowMs) => replica.askForCertificates(nowMs));
  }

  takeStall({ body, claim, voter }: HeardStall): Verdict {
    const { epoch } = this.#parts.terms;
    if (body.epoch !== epoch) return refusal('stale-epoch', `epoch ${body.epoch}`);
    const cast = { voter, statement: statementOf(body), proof: claim.signature };
    this.#parts.host.onStatements([cast], this.#parts.terms);
    const outcome = this.#places.engine.feed((it, nowMs) => it.onStatement(cast, nowMs));
    const reason = STALL_REASONS[outcome];
    if (reason === 'accept') return ACCEPT;
    // Whoever passed a contradiction on is not its author.
    return { ...refusal(reason, `${outcome}: a statement of era ${body.era}`), kind: 'ignore' };
  }

  async takeOpening({ body, frame }: HeldOpening): Promise<Verdict> {
    const { terms } = this.#parts;
    const read = readOpening(body, terms);
    if (!read.ok) return read.refusal;
    const fault = await this.#unproved(openingClaims(terms, [read.value]), 'an opening');
    if (fault !== undefined) return fault;
    const { header, starts } = read.value;
    this.#parts.host.onStatements(starts, terms);
    this.#places.openings.hold(header.id, { body, frame });
    const outcome = this.#places.engine.feed((it, nowMs) => it.onOpening(read.value, nowMs));
    return verdictOn(outcome, `opening ${header.id} of view ${header.view}`);
  }

  async takeOpened(opened: OpenedEra): Promise<Verdict> {
    const read = readOpened(opened, this.#parts.terms);
    if (!read.ok) return read.refusal;
    const { claims, opening } = read.value;
    const fault = await this.#unproved({ ok: true, value: claims }, 'how an era opened');
    if (fault !== undefined) return fault;
    this.#noteStarts(opening);
    const outcome = this.#places.engine.feed((it, nowMs) => it.onDecidedOpening(opening, nowMs));
    if (outcome === 'malformed') return refusal('wrong-shape', 'the votes do not open an era');
    return verdictOn(outcome, 'how an era opened');
  }

  chit(era: number, height: number): BlockChit | undefined {
    return this.#places.engine.feed((replica) => replica.chitAt(era, height));
  }

  opening(id: string): HeldOpening | undefined {
    return this.#places.openings.get(id as Digest);
  }

  opened(): OpenedEra | undefined {
    return this.#places.openings.opened;
  }

  aheadOf(view: number): number {
    return comparePeriods(this.#places.engine.status().period, periodOf(view));
  }

  heed({ decided, height, view }: ChainStatus, from: TransportId): void {
    const { fetch } = this.#parts.host;
    const { blocks, engine } = this.#places;
    const { decided: own, period, view: ownView } = engine.status();
    const isLater = this.aheadOf(view) < 0;
    if (isLater) fetch.era(from);
    if (isLater && period.kind === 'certificates') {
      fetch.certificate(ownView ?? own.view + 1, 'any', from);
    }
    if (height > own.height && blocks.get(decided) === undefined) fetch.block(decided, from);
  }

  #noteStarts({ blocks }: DecidedOpening<Uint8Array>): void {
    const { host, terms } = this.#parts;
    for (const { starts } of blocks) host.onStatements(starts, terms);
  }

  /** Why signatures do not count; undefined when all of them hold. */
  async #unproved(
    claims: Checked<readonly SignatureClaim[]>,
    what: string,
  ): Promise<Verdict | undefined> {
    if (!claims.ok) return claims.refusal;
    const answer = await this.#parts.queue.checkAll(claims.value);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    return answer === 'false' ? refusal('bad-signature', what) : undefined;
  }
}
