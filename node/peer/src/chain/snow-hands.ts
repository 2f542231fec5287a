// What the engine snow asks of a site beside what every engine does: polls asked, stall statements and
// openings written down and said, decisions handed on.

import {
  type CastStatement,
  comparePeriods,
  periodOf,
  type SimplexVote,
  viewBefore,
} from '@starling/consensus';
import type { ReadBlock } from '@starling/rules';
import { type ChainCertificate, type Digest, refusal, type Verdict } from '@starling/shared';
import type { EraRun, RunStatus } from './chain-run.ts';
import type { EngineHands, OwnEffect, Proposal, RunTools } from './engine-hands.ts';
import type { DecidedBlocks } from './epoch-host.ts';
import type { Effect, FedEngine, Of, SnowPlaces } from './fed-engine.ts';
import { finalityOf, readOpening, stallFrame } from './snow-codec.ts';
import type { SnowOpenings } from './snow-openings.ts';
import { isInPlace } from './snow-places.ts';
import { SnowPolls } from './snow-polls.ts';
import { SnowProposals } from './snow-proposals.ts';
import type { SnowParts } from './snow-run.ts';
import { SnowStalls } from './snow-stalls.ts';
import type { HeldVote } from './vote-desk.ts';

export class SnowHands implements EngineHands<Effect> {
  readonly kind = 'snow';
  readonly eras: EraRun;
  readonly #parts: SnowParts;
  readonly #tools: RunTools;
  readonly #engine: FedEngine;
  readonly #openings: SnowOpenings;
  readonly #stalls: SnowStalls;
  readonly #proposals: SnowProposals;
  readonly #polls: SnowPolls;

  constructor(parts: SnowParts, tools: RunTools, places: SnowPlaces, eras: EraRun) {
    const { host, records, self, snowJournal, terms, world } = parts;
    const { engine, openings } = places;
    this.eras = eras;
    this.#parts = parts;
    this.#tools = tools;
    this.#engine = engine;
    this.#openings = openings;
    this.#polls = new SnowPolls({ clock: world.clock, host, terms });
    this.#proposals = new SnowProposals(parts, places);
    const stalls = {
      world,
      terms,
      journal: snowJournal,
      order: tools.order,
      self,
      publish: (frame: Uint8Array) => host.publish(frame),
      onSaid: (cast: CastStatement<Uint8Array>) =>
        void engine.feed((replica, nowMs) => replica.onStatement(cast, nowMs)),
    };
    this.#stalls = new SnowStalls(stalls, records);
  }

  /** Whoever joins later walks the changes of members by certificates. */
  get mayEndEpoch(): boolean {
    return this.#engine.status().period.kind === 'certificates';
  }

  status(): RunStatus {
    const { best, decided, finalization, isIdle, leader, period, tip, view } =
      this.#engine.status();
    const isNewer = finalization !== undefined && finalization.vote.view > (best?.vote.view ?? 0);
    return {
      best: isNewer ? finalization : best,
      isIdle,
      leader,
      tip,
      view: view ?? Math.max(decided.view, viewBefore(period)) + 1,
    };
  }

  /** The last finalisation of the newest odd era shows all of that era to be final. */
  laterCertificate(view: number): ChainCertificate | undefined {
    const last = this.#openings.finalization;
    return last !== undefined && last.vote.view >= view ? last : undefined;
  }

  async takeEarly(held: HeldVote<SimplexVote>): Promise<Verdict | undefined> {
    const { view } = held.vote;
    const side = comparePeriods(periodOf(view), this.#engine.status().period);
    if (side < 0 || periodOf(view).kind === 'polls') {
      return refusal('stale-round', `a vote of view ${view}`);
    }
    if (side === 0) return undefined;
    // Whoever votes in a later era shows that there is one, once its signature holds.
    if ((await this.#parts.queue.check(held.claim)) === 'holds') {
      const { claim, vote, voter } = held;
      const cast = { voter, vote, proof: claim.signature };
      this.#engine.feed((replica, nowMs) => replica.onVote(cast, nowMs));
    }
    return refusal('future-round', `a vote of view ${view}`);
  }

  isWanted({ block }: ReadBlock, isTrailing: boolean): boolean {
    return isInPlace(block, isTrailing);
  }

  proposal(id: Digest): Proposal | undefined {
    const known = this.#tools.blocks.get(id);
    if (known !== undefined) return { leader: known.header.leader, frame: known.frame };
    const held = this.#openings.get(id);
    const read = held === undefined ? undefined : readOpening(held.body, this.#parts.terms);
    return read?.ok ? { leader: read.value.header.leader, frame: held?.frame } : undefined;
  }

  retry(): void {
    const { period, tip } = this.#engine.status();
    const { leader, frame } = this.proposal(tip.id) ?? {};
    // Nothing repeats a block of an even era, and one that nobody has wins no poll.
    if (period.kind !== 'polls' || leader !== this.#parts.self || frame === undefined) return;
    void this.#parts.host.publish(frame);
  }

  carryOut(effect: OwnEffect<Effect>): void {
    const { host } = this.#parts;
    switch (effect.kind) {
      case 'poll':
        this.#poll(effect);
        break;
      case 'propose':
        void this.#proposals.propose(effect);
        break;
      case 'propose-opening':
        this.#proposals.open(effect);
        break;
      case 'decided':
        this.#decided(effect);
        break;
      case 'rejected':
        for (const id of effect.blocks) this.#tools.blocks.drop(id);
        break;
      case 'fetch-opening':
        this.#fetchOpening(effect.id);
        break;
      case 'fetch-era':
        host.fetch.era();
        break;
      case 'state':
        this.#stalls.say(effect.statement);
        break;
      case 'repeat-statement':
        this.#stalls.repeat(effect.statement);
        host.onRepeat();
        break;
      case 'statement-evidence':
        host.onContradiction(this.#frameOf(effect.first), this.#frameOf(effect.second));
        break;
      case 'twin-statement':
        host.onTwin(this.#frameOf(effect.cast));
        break;
      case 'opened':
        this.#openings.open(effect.era, effect.opening);
        break;
      case 'entered':
        this.#openings.enter(effect.era);
        this.#stalls.entered(effect.era);
        break;
    }
  }

  #poll({ era, height, peers, pollId }: Of<'poll'>): void {
    this.#polls.ask({ era, height, peers }, (voter, chit) => {
      if (this.#tools.isStopped) return;
      this.#engine.feed((replica, nowMs) => {
        if (chit === undefined) replica.onSilence(pollId, voter, nowMs);
        else replica.onChit(pollId, voter, chit, nowMs);
      });
    });
  }

  #fetchOpening(id: Digest): void {
    const { host, terms } = this.#parts;
    const held = this.#openings.get(id);
    const read = held === undefined ? undefined : readOpening(held.body, terms);
    if (read?.ok !== true) host.fetch.opening(id);
    else this.#engine.feed((replica, nowMs) => replica.onOpening(read.value, nowMs));
  }

  #decided({ blocks: ids, finality, trailing }: Of<'decided'>): void {
    const { host, terms } = this.#parts;
    const { blocks: known, certificates, votes } = this.#tools;
    const blocks = ids.flatMap((id) => known.get(id)?.read ?? []);
    const last = blocks.at(-1);
    if (last === undefined || blocks.length !== ids.length) {
      host.onForked();
      return;
    }
    const { polled, wire } = finalityOf(finality, terms);
    if (wire !== null) {
      votes.decided(wire.vote.view);
      certificates.decided(wire.vote.view);
      this.#openings.finalised(wire);
    }
    const { view } = last.block;
    host.onDecided({ ...this.#shown(blocks, trailing, wire), polled, view });
    known.decided(view);
    // So that one that missed the block hears of it: polls are not repeated once they are over.
    if (polled !== null) host.onRepeat();
  }

  /**
   * Blocks with the certificate that is for the last of them. That of an opening is for none, and
   * that of a trailing block only where an epoch has ended: elsewhere nobody could tell that it
   * trails.
   */
  #shown(
    blocks: readonly ReadBlock[],
    trailing: readonly Digest[],
    wire: ChainCertificate | null,
  ): Pick<DecidedBlocks, 'blocks' | 'certificate'> {
    const isEnd = blocks.at(-1)?.block.entries.at(-1)?.kind === 'membership';
    const behind = isEnd ? trailing.flatMap((id) => this.#tools.blocks.get(id)?.read ?? []) : [];
    const run = [...blocks, ...behind];
    return wire !== null && run.at(-1)?.id === wire.vote.block
      ? { blocks: run, certificate: wire }
      : { blocks, certificate: null };
  }

  #frameOf({ proof, statement, voter }: CastStatement<Uint8Array>): Uint8Array {
    const { terms } = this.#parts;
    const member = terms.membership.members[voter];
    if (member === undefined) throw new RangeError(`voter ${voter} is no member`);
    return stallFrame(terms, member.member, statement, proof);
  }
}
