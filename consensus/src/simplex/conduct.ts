// What a replica does about what it knows: proposes, votes, gives up, asks, and sends again.

import type { SimplexTimeouts } from './config.ts';
import type { Knowledge } from './knowledge.ts';
import { REPEATED_FINALIZE_VOTES_MAX, VIEWS_BEHIND_MAX } from './limits.ts';
import type { OwnVotes } from './own-votes.ts';
import { Pace } from './pace.ts';
import { Participation } from './participation.ts';
import { Requests } from './requests.ts';
import type { ViewRecord } from './view-record.ts';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from './vote.ts';

type Proposing = 'not-asked' | 'asked' | 'declined' | 'asked-to-finish' | 'done';

/** Invariant: nothing is cast outside `OwnVotes.cast`, and nothing by an observer or a twin. */
export class Conduct<Proof> {
  readonly pace: Pace;
  readonly participation: Participation;
  readonly #known: Knowledge<Proof>;
  readonly #own: OwnVotes;
  readonly #self: number | undefined;
  readonly #requests: Requests<Proof>;
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
    this.#requests = new Requests(known, self ?? 0);
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

  /**
   * A vote was counted and made no certificate. More than F that finalize hold a notarisation, more
   * than F in a later view hold a certificate of the views before: ask the voter for what we miss.
   */
  heard({ voter, vote }: CastVote<Proof>, record: ViewRecord<Proof>, nowMs: number): void {
    const { votes, view } = record;
    const { power, leaders } = this.#known;
    if (votes === undefined) return;
    if (vote.kind === 'finalize') {
      const isMissing = record.certified === undefined && votes.weightFor(vote) > power.tolerated;
      if (isMissing) this.#requests.askCertificate(view, 'notarization', voter);
    } else if (view > this.#view) {
      if (votes.votedWeight > power.tolerated)
        this.#requests.askCertificate(view - 1, 'any', voter);
    } else if (view === this.#view && !this.pace.isGivenUp) {
      const isOver = vote.kind === 'nullify' && leaders.leaderOf(view) === voter;
      if (isOver || votes.reachableWeight(power.total) < power.quorum) this.update(nowMs);
    }
    if (this.pace.isRunning) return;
    this.update(nowMs);
    this.prod(view, nowMs);
  }

  /** Follows the view that the certificates lead to. */
  follow(): void {
    const { view } = this.#known;
    if (view === this.#view) return;
    this.#view = view;
    const before = this.#known.views.peek(view - 1);
    this.pace.enterView(before?.isNullified === true && before.certified === undefined);
    this.#proposing = 'not-asked';
    this.#requests.askAgain();
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
      this.#requests.fetchWanted();
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
    this.#requests.askAgain();
    this.#requests.fetchVotedFor(this.#view);
    const best = this.#known.best;
    if (this.participation.isBehind(this.#view)) this.#requests.askCertificate(this.#view, 'any');
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
      this.#requests.fetchLineage(lineage, undefined);
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
        this.#requests.fetchLineage(lineage, block.header.leader);
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
    const { quorum, total } = this.#known.power;
    const isSplit = (record.votes?.reachableWeight(total) ?? total) < quorum;
    const isHopeless = isSplit || (!hasChosen && (isLeaderless || record.isSpoiled));
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
