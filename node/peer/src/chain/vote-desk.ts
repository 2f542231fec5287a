// Where votes wait until verifying them is worth it: when enough for one and the same subject are
// there to make a quorum. A decision among n members then costs q verifications for each
// certificate, not n for each kind of vote.

import type { SignatureClaim, VerificationQueue } from '@starling/crypto';
import { ACCEPT, type Digest, refusal, type Verdict } from '@starling/shared';

/** Views above the present one whose votes are held. */
export const DESK_VIEWS_AHEAD_MAX = 16;
/** Decided views whose votes are still compared with late ones, so that contradictions show. */
const DESK_VIEWS_BEHIND = 2;
/** Different blocks of one view that votes may name; an honest view has one. */
export const DESK_BLOCKS_MAX = 4;

export interface DeskVote {
  readonly kind: 'notarize' | 'nullify' | 'finalize';
  readonly view: number;
  /** Absent when nullifying. */
  readonly block?: Digest;
}

export interface HeldVote<V extends DeskVote> {
  /** Index in the epoch's members. */
  readonly voter: number;
  readonly vote: V;
  readonly claim: SignatureClaim;
}

export interface DeskRules<V extends DeskVote> {
  /** Weight that makes a certificate. */
  readonly quorum: number;
  /** By voter. */
  readonly weights: readonly number[];
  /** Votes that are worth verifying by themselves; the engine judges by them who leads. */
  isEager?(held: HeldVote<V>): boolean;
  /** Told of votes whose signatures hold, a quorum at a time. */
  onVerified(votes: readonly HeldVote<V>[]): void;
  /** Told of two verified votes of one voter that exclude each other. */
  onContradiction(first: HeldVote<V>, second: HeldVote<V>): void;
}

interface Subject<V extends DeskVote> {
  held: HeldVote<V>[];
  verifiedWeight: number;
  isClosed: boolean;
  isVerifying: boolean;
}

interface DeskView<V extends DeskVote> {
  /** By voter and slot: what the voter said first. */
  readonly said: Map<string, HeldVote<V> & { isContradicted?: boolean }>;
  readonly subjects: Map<string, Subject<V>>;
}

/** Invariant: of one voter at most one vote per view and slot is held; each view has a limit. */
export class VoteDesk<V extends DeskVote> {
  readonly #queue: VerificationQueue;
  readonly #rules: DeskRules<V>;
  readonly #views = new Map<number, DeskView<V>>();
  #floor = 0;

  constructor(queue: VerificationQueue, rules: DeskRules<V>) {
    this.#queue = queue;
    this.#rules = rules;
  }

  /** Takes a vote of which everything but the signature was checked; `view` is the present one. */
  async take(held: HeldVote<V>, view: number): Promise<Verdict> {
    const { vote, voter } = held;
    if (vote.view <= this.#floor) return refusal('stale-round', `view ${vote.view} is decided`);
    if (vote.view > view + DESK_VIEWS_AHEAD_MAX) {
      return refusal('future-round', `a vote for view ${vote.view}, now ${view}`);
    }
    const at = this.#viewOf(vote.view);
    const slot = `${voter}/${slotOf(vote)}`;
    const before = at.said.get(slot);
    if (before !== undefined) return this.#compare(at, slot, before, held);
    const subject = subjectIn(at, vote);
    if (subject === undefined) {
      return refusal('unknown-plan', `view ${vote.view} has no such block: too many are named`);
    }
    at.said.set(slot, held);
    this.#put(subject, held);
    return ACCEPT;
  }

  /** Counts a vote that this site signed itself. */
  trust(held: HeldVote<V>): void {
    this.#queue.trust(held.claim);
    if (held.vote.view <= this.#floor) return;
    const at = this.#viewOf(held.vote.view);
    at.said.set(`${held.voter}/${slotOf(held.vote)}`, held);
    const subject = subjectIn(at, held.vote);
    if (subject === undefined) return;
    subject.verifiedWeight += this.#weightOf(held);
    void this.#consider(subject);
  }

  /** A certificate says it: further votes for this subject need no verifying. */
  close(vote: V): void {
    if (vote.view <= this.#floor) return;
    const subject = subjectIn(this.#viewOf(vote.view), vote);
    if (subject === undefined) return;
    subject.isClosed = true;
    subject.held = [];
  }

  /** Forgets the views up to a decided one; the last few stay to show contradictions. */
  decided(view: number): void {
    for (const [number, { subjects }] of this.#views) {
      if (number > view) continue;
      for (const subject of subjects.values()) {
        subject.isClosed = true;
        subject.held = [];
      }
    }
    this.#floor = Math.max(this.#floor, view - DESK_VIEWS_BEHIND);
    for (const number of this.#views.keys()) {
      if (number <= this.#floor) this.#views.delete(number);
    }
  }

  /** Verifies what a full queue made wait. */
  retry(): void {
    for (const { subjects } of this.#views.values()) {
      for (const subject of subjects.values()) void this.#consider(subject);
    }
  }

  /** Votes held, for status and limits. */
  get size(): number {
    let size = 0;
    for (const { said } of this.#views.values()) size += said.size;
    return size;
  }

  #put(subject: Subject<V>, held: HeldVote<V>): void {
    if (subject.isClosed) return;
    if (this.#rules.isEager?.(held) && this.#queue.hasRoom()) {
      void this.#verify(subject, [held]).then(() => this.#consider(subject));
      return;
    }
    subject.held.push(held);
    void this.#consider(subject);
  }

  async #consider(subject: Subject<V>): Promise<void> {
    const { quorum } = this.#rules;
    while (!subject.isClosed && !subject.isVerifying) {
      const missing = quorum - subject.verifiedWeight;
      const needed = missing <= 0 ? 0 : this.#reach(subject.held, missing);
      if (needed === 0 || !this.#queue.hasRoom(needed)) return;
      subject.isVerifying = true;
      const isBusy = await this.#verify(subject, subject.held.splice(0, needed));
      subject.isVerifying = false;
      if (isBusy) return;
    }
  }

  /** True when the queue was too full for some of them. */
  async #verify(subject: Subject<V>, tried: readonly HeldVote<V>[]): Promise<boolean> {
    const answers = await Promise.all(tried.map(({ claim }) => this.#queue.check(claim)));
    const good = tried.filter((_, i) => answers[i] === 'holds');
    for (const held of good) subject.verifiedWeight += this.#weightOf(held);
    const again = tried.filter((_, i) => answers[i] === 'busy');
    if (!subject.isClosed) subject.held.unshift(...again);
    tried.forEach((held, i) => {
      if (answers[i] === 'false') this.#forget(held);
    });
    if (good.length > 0) this.#rules.onVerified(good);
    return again.length > 0;
  }

  /** How many of these votes reach a weight; 0 when all of them do not. */
  #reach(votes: readonly HeldVote<V>[], weight: number): number {
    let sum = 0;
    for (const [i, held] of votes.entries()) {
      sum += this.#weightOf(held);
      if (sum >= weight) return i + 1;
    }
    return 0;
  }

  #weightOf({ voter }: HeldVote<V>): number {
    return this.#rules.weights[voter] ?? 0;
  }

  /** Its signature does not hold, so its voter has not spoken yet. */
  #forget(held: HeldVote<V>): void {
    const at = this.#views.get(held.vote.view);
    const slot = `${held.voter}/${slotOf(held.vote)}`;
    if (at?.said.get(slot) === held) at.said.delete(slot);
  }

  /** A second vote in one slot: a repetition, a forgery of either, or a contradiction. */
  async #compare(
    at: DeskView<V>,
    slot: string,
    before: HeldVote<V> & { isContradicted?: boolean },
    held: HeldVote<V>,
  ): Promise<Verdict> {
    const isSame = before.vote.kind === held.vote.kind && before.vote.block === held.vote.block;
    const isRepeated = isSame && sameBytes(before.claim.signature, held.claim.signature);
    if (isRepeated) return refusal('duplicate', 'this vote was heard before');
    if (before.isContradicted) return refusal('equivocation', 'this voter contradicted itself');
    const first = await this.#queue.check(before.claim);
    if (first === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (first === 'false') {
      if (at.said.get(slot) === before) at.said.delete(slot);
      this.#withdraw(at, before);
      return this.take(held, held.vote.view);
    }
    if (isSame) return refusal('duplicate', 'this vote was heard before');
    const second = await this.#queue.check(held.claim);
    if (second === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    // Whoever passed a vote on did so before its signature was verified, as this site does.
    if (second === 'false') return { ...refusal('bad-signature', 'a vote'), kind: 'ignore' };
    before.isContradicted = true;
    this.#rules.onContradiction(before, held);
    return { ...refusal('equivocation', 'this voter contradicts itself'), kind: 'ignore' };
  }

  #withdraw(at: DeskView<V>, held: HeldVote<V>): void {
    const subject = subjectIn(at, held.vote);
    if (subject !== undefined) subject.held = subject.held.filter((each) => each !== held);
  }

  #viewOf(view: number): DeskView<V> {
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const fresh: DeskView<V> = { said: new Map(), subjects: new Map() };
    this.#views.set(view, fresh);
    return fresh;
  }
}

function slotOf({ kind }: DeskVote): 'notarize' | 'close' {
  return kind === 'notarize' ? 'notarize' : 'close';
}

function subjectIn<V extends DeskVote>(
  { subjects }: DeskView<V>,
  { kind, block }: DeskVote,
): Subject<V> | undefined {
  const name = `${kind}/${block ?? ''}`;
  const known = subjects.get(name);
  if (known !== undefined) return known;
  // Twice, for notarize and finalize, and once for nullify.
  if (subjects.size >= 2 * DESK_BLOCKS_MAX + 1) return undefined;
  const fresh = { held: [], verifiedWeight: 0, isClosed: false, isVerifying: false };
  subjects.set(name, fresh);
  return fresh;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((value, i) => value === b[i]);
}
