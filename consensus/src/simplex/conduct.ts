// What a replica does about what it knows: proposes, votes, gives up, asks, and sends again.

import type { Digest } from '@starling/shared';
import type { Lineage } from './block-tree.ts';
import type { SimplexTimeouts } from './config.ts';
import type { WantedCertificate } from './effect.ts';
import type { Knowledge } from './knowledge.ts';
import { FETCHES_PER_VIEW_MAX, REPEATED_FINALIZE_VOTES_MAX, VIEWS_BEHIND_MAX } from './limits.ts';
import type { OwnVotes } from './own-votes.ts';
import { Pace } from './pace.ts';
import { Participation } from './participation.ts';
import type { ViewRecord } from './view-record.ts';
import type { BlockHeader, QuorumCertificate, SimplexVote } from './vote.ts';

type Proposing = 'not-asked' | 'asked' | 'declined' | 'asked-to-finish' | 'done';

/** Invariant: nothing is cast outside `OwnVotes.cast`, and nothing by an observer or a twin. */
export class Conduct<Proof> {
  readonly pace: Pace;
  readonly participation: Participation;
  readonly #known: Knowledge<Proof>;
  readonly #own: OwnVotes;
  readonly #self: number | undefined;
  /** What was asked for since the last repeat. */
  readonly #asked = new Set<string>();
  #view: number;
  #hasDemand = false;
  #proposing: Proposing = 'not-asked';
  #isTwin = false;
  #wakeMs: number | undefined;

  constructor(
    known: Knowledge<Proof>,
    own: OwnVotes,
    { self, timeouts }: { readonly self: number | undefined; readonly timeouts: SimplexTimeouts },
  ) {
    this.#known = known;
    this.#own = own;
    this.#self = self;
    this.pace = new Pace(timeouts);
    this.participation = new Participation(known.power, known.decided.view);
    this.#view = known.view;
    this.#castAgain(this.#view);
  }

  get isTwin(): boolean {
    return this.#isTwin;
  }

  stopAsTwin(): void {
    this.#isTwin = true;
  }

  /** False for an observer, a twin, and in views that a rolled-back journal rules out. */
  mayVote(view: number): boolean {
    return this.#self !== undefined && !this.#isTwin && !this.#own.isSilentIn(view);
  }

  setDemand(hasDemand: boolean): void {
    this.#hasDemand = hasDemand;
    if (hasDemand && this.#proposing === 'declined') this.#proposing = 'not-asked';
  }

  declined(view: number): void {
    if (view !== this.#view) return;
    if (this.#proposing === 'asked') this.#proposing = 'declined';
    if (this.#proposing === 'asked-to-finish') this.#proposing = 'done';
  }

  /** A notarisation: finalise it unless we gave its view up. */
  learned({ vote }: QuorumCertificate<Proof>): void {
    if (vote.kind !== 'notarize') return;
    this.#castAgain(vote.view);
    this.#cast({ kind: 'finalize', view: vote.view, block: vote.block });
  }

  /** Someone asks about a view that is or was ours while we are idle. */
  prod(view: number, nowMs: number): void {
    if (view > this.#view || this.pace.isRunning) return;
    this.pace.prod(nowMs);
    this.#wake();
  }

  /** Follows the view that the certificates lead to. */
  follow(): void {
    const { view } = this.#known;
    if (view === this.#view) return;
    this.#view = view;
    const before = this.#known.views.peek(view - 1);
    this.pace.enterView(before?.isNullified === true && before.certified === undefined);
    this.#proposing = 'not-asked';
    this.#asked.clear();
    this.#known.tree.drop(this.#known.views.trim(view));
    this.#castAgain(view);
  }

  /** Does whatever is due in the current view. */
  update(nowMs: number): void {
    if (this.#known.isForked) return;
    const view = this.#view;
    const record = this.#known.views.at(view);
    const isOpen = this.#isOpen(record);
    if (isOpen || this.#isCatchingUp()) {
      this.pace.start(nowMs, this.#isPressing());
      this.#fetchWanted();
    } else this.pace.stop();
    if (isOpen && this.mayVote(view)) {
      this.pace.awaitLeader(nowMs, this.#hasDemand);
      this.#considerProposing(record, this.pace.isFinishDue(nowMs));
      this.#considerBlocks(record);
      this.#considerNullifying(record, nowMs);
    } else this.pace.excuseLeader();
    this.#wake();
  }

  tick(nowMs: number): void {
    if (!this.pace.takeRepeat(nowMs, this.#isPressing())) return;
    this.#asked.clear();
    this.#fetchVotedFor();
    const best = this.#known.best;
    if (this.participation.isBehind(this.#view)) this.#askCertificate(this.#view, 'any');
    this.#known.tell({ kind: 'repeat', votes: this.#votesToRepeat(), certificate: best });
  }

  /** Should this view come to an end? A single member without a quorum behind it cannot ask for it. */
  #isOpen(record: ViewRecord<Proof>): boolean {
    return (
      this.#hasDemand ||
      this.#known.isUndecided ||
      record.blocks.length > 0 ||
      record.leaderVoted === 'notarize' ||
      (record.votes?.nullifyWeight ?? 0) > this.#known.power.tolerated
    );
  }

  /** Does somebody wait for a decision? A view that a liar opened and nobody needs can take its time. */
  #isPressing(): boolean {
    return this.#hasDemand || this.#known.isUndecided || this.#isCatchingUp();
  }

  #isCatchingUp(): boolean {
    return this.#known.wanted.size > 0 || this.participation.isBehind(this.#view);
  }

  #considerProposing(record: ViewRecord<Proof>, isFinishDue: boolean): void {
    const view = this.#view;
    if (this.#known.leaders.leaderOf(view) !== this.#self) return;
    if (record.blocks.length > 0 || this.#own.votesIn(view).length > 0) return;
    const isOpen = this.#proposing === 'not-asked';
    const hasReason = isOpen && this.#hasDemand;
    const mayFinish = (isOpen || this.#proposing === 'declined') && this.#known.isUndecided;
    if (!hasReason && !(mayFinish && isFinishDue)) return;
    const lineage = this.#known.tree.parentFor(view);
    if (lineage.kind !== 'ready') {
      this.#fetchLineage(lineage, undefined);
      return;
    }
    const isFinishing = !hasReason;
    this.#proposing = isFinishing ? 'asked-to-finish' : 'asked';
    const { parent } = lineage;
    this.#known.tell({ kind: 'propose', view, parent, isFinishing });
  }

  #considerBlocks(record: ViewRecord<Proof>): void {
    const view = this.#view;
    if (this.#own.notarized(view) !== undefined || this.#own.hasNullified(view)) return;
    for (const block of record.blocks) {
      if (block.validity === 'invalid') continue;
      const lineage = this.#known.tree.lineageOf(block.header);
      if (lineage.kind === 'missing') {
        this.#fetchLineage(lineage, block.header.leader);
      } else if (lineage.kind === 'dead' || !standsOn(block.header, lineage.parent)) {
        block.validity = 'invalid';
        record.isSpoiled = true;
      } else if (block.validity === 'unjudged') {
        block.validity = 'asked';
        this.#known.tell({ kind: 'judge', block: block.header });
      } else if (block.validity === 'valid') {
        this.#cast({ kind: 'notarize', view, block: block.header.id });
        return;
      }
    }
  }

  #considerNullifying(record: ViewRecord<Proof>, nowMs: number): void {
    const view = this.#view;
    const hasChosen = this.#own.notarized(view) !== undefined;
    const leader = this.#known.leaders.leaderOf(view);
    const isLeaderless =
      record.blocks.length === 0 &&
      (record.leaderVoted === 'nullify' ||
        (leader !== this.#self && this.participation.isSkipped(leader, view)));
    const isHopeless = !hasChosen && (isLeaderless || record.isSpoiled);
    if (!isHopeless && !this.pace.isOver(nowMs)) return;
    this.pace.giveUp();
    this.#cast({ kind: 'nullify', view });
  }

  #cast(vote: SimplexVote): void {
    if (this.#known.isForked || !this.mayVote(vote.view) || !this.#own.cast(vote)) return;
    this.#known.tell({ kind: 'cast', vote });
  }

  /** Votes of the journal are cast again, the very same, when their view comes up. */
  #castAgain(view: number): void {
    if (this.#self === undefined) return;
    for (const vote of this.#own.takeUnsent(view)) this.#known.tell({ kind: 'cast', vote });
  }

  #fetchLineage(lineage: Lineage, holder: number | undefined): void {
    if (lineage.kind !== 'missing') return;
    for (const { view, want } of lineage.certificates) this.#askCertificate(view, want, holder);
    if (lineage.block !== undefined) this.#known.want(lineage.block.id, lineage.block.view);
    this.#fetchWanted();
  }

  #fetchWanted(): void {
    for (const [id, view] of this.#known.wanted) this.#askBlock(id, view);
  }

  /** Blocks that others vote for in this view and that never came. */
  #fetchVotedFor(): void {
    const record = this.#known.views.peek(this.#view);
    const choices = record?.votes?.notarizedBlocks() ?? [];
    const unknown = choices.filter(({ block }) => this.#known.tree.get(block) === undefined);
    unknown.sort((a, b) => b.weight - a.weight);
    for (const { block, weight } of unknown.slice(0, FETCHES_PER_VIEW_MAX)) {
      if (weight > this.#known.power.tolerated) this.#known.want(block, this.#view);
      this.#askBlock(block, this.#view);
    }
  }

  #askBlock(id: Digest, view: number): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    const holder = this.#known.leaders.leaderOf(view);
    this.#known.tell({ kind: 'fetch-block', id, view, holder });
  }

  #askCertificate(view: number, want: WantedCertificate, holder?: number): void {
    const key = `${want} ${view}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#known.tell({ kind: 'fetch-certificate', view, want, holder });
  }

  #votesToRepeat(): readonly SimplexVote[] {
    const votes = this.#own.votesIn(this.#view);
    const lowest = Math.max(this.#known.decided.view, this.#view - VIEWS_BEHIND_MAX);
    let left = REPEATED_FINALIZE_VOTES_MAX;
    for (let view = this.#view - 1; view > lowest && left > 0; view--) {
      const finalize = this.#own.votesIn(view).find(({ kind }) => kind === 'finalize');
      if (finalize === undefined) continue;
      votes.push(finalize);
      left -= 1;
    }
    return votes;
  }

  #wake(): void {
    const next = this.pace.nextMs();
    if (next === this.#wakeMs) return;
    this.#wakeMs = next;
    if (next !== undefined) this.#known.tell({ kind: 'wake', atMs: next });
  }
}

function standsOn(block: BlockHeader, parent: BlockHeader): boolean {
  return block.parentView === parent.view && block.height === parent.height + 1;
}
