// What a replica knows: certificates, blocks, and what follows from them. It votes nothing.

import type { Digest } from '@starling/shared';
import { BlockTree, type MissingBlock } from './block-tree.ts';
import type { SimplexConfig } from './config.ts';
import type { BlockOutcome, CertificateOutcome, SimplexEffect } from './effect.ts';
import { LeaderSchedule } from './leader-schedule.ts';
import { BLOCKS_PER_VIEW_MAX, VIEWS_AHEAD_MAX, VIEWS_UNDECIDED_MAX } from './limits.ts';
import { type ViewRecord, ViewRecords } from './view-record.ts';
import { type BlockHeader, blockOf, type QuorumCertificate } from './vote.ts';
import { type VotingPower, votingPower } from './voting-power.ts';

interface PendingDecision<Proof> {
  readonly certificate: QuorumCertificate<Proof>;
  readonly missing: MissingBlock;
}

/**
 * Invariant: `view` is one above the highest view with a certificate. Invariant: what was decided is
 * a chain from the root, and never changes.
 */
export class Knowledge<Proof> {
  readonly power: VotingPower;
  readonly leaders: LeaderSchedule;
  readonly views: ViewRecords<Proof>;
  readonly tree: BlockTree<Proof>;
  readonly tell: (effect: SimplexEffect<Proof>) => void;
  readonly #self: number | undefined;
  /** Certified blocks, and ancestors of such, that are unknown: accepted whatever else is full. */
  readonly #wanted = new Map<Digest, number>();
  #view: number;
  #notarizedView: number;
  #best: QuorumCertificate<Proof> | undefined;
  #finalization: QuorumCertificate<Proof> | undefined;
  /** The highest finalisation whose blocks are not all known, and the first that is missing. */
  #pending: PendingDecision<Proof> | undefined;
  #isForked = false;

  constructor(config: SimplexConfig, tell: (effect: SimplexEffect<Proof>) => void) {
    this.power = votingPower(config.members, config.weights);
    this.leaders = new LeaderSchedule(config.members, config.leaderSeed);
    this.views = new ViewRecords(this.power.weights, config.root.view);
    this.tree = new BlockTree(this.views, config.root);
    this.tell = tell;
    this.#self = config.self;
    this.#view = config.root.view + 1;
    this.#notarizedView = config.root.view;
  }

  get view(): number {
    return this.#view;
  }

  get decided(): BlockHeader {
    return this.tree.decided;
  }

  /** The highest view with a notarisation. */
  get notarizedView(): number {
    return this.#notarizedView;
  }

  /** The certificate of the highest view; a finalisation before others of its view. */
  get best(): QuorumCertificate<Proof> | undefined {
    return this.#best;
  }

  /** The certificate of the last decision. */
  get finalization(): QuorumCertificate<Proof> | undefined {
    return this.#finalization;
  }

  get isForked(): boolean {
    return this.#isForked;
  }

  get wanted(): ReadonlyMap<Digest, number> {
    return this.#wanted;
  }

  /** Is a notarised block not final yet? A final one whose blocks are still unknown does not count. */
  get isUndecided(): boolean {
    return (
      this.#notarizedView > Math.max(this.decided.view, this.#pending?.certificate.vote.view ?? 0)
    );
  }

  /** The highest notarised block, or the decided one. */
  tip(): BlockHeader | undefined {
    if (this.#notarizedView <= this.decided.view) return this.decided;
    const certified = this.views.peek(this.#notarizedView)?.certified;
    return certified === undefined ? undefined : this.tree.headerOf(certified);
  }

  want(id: Digest, view: number): void {
    if (this.tree.get(id) === undefined) this.#wanted.set(id, view);
  }

  /** Takes note of a certificate that holds. */
  learn(certificate: QuorumCertificate<Proof>): CertificateOutcome {
    const { vote } = certificate;
    const { view, kind } = vote;
    if (view <= this.decided.view) return this.#contradicts(certificate);
    if (kind !== 'finalize' && view > this.decided.view + VIEWS_UNDECIDED_MAX) {
      return 'too-many-views';
    }
    const record = this.views.at(view);
    const block = blockOf(vote);
    if (block === undefined) {
      if (record.isNullified) return 'duplicate';
      record.isNullified = true;
      record.nullification = certificate;
    } else {
      if (kind === 'notarize' && record.certified !== undefined) {
        return record.certified === block ? 'duplicate' : 'conflicting';
      }
      if (kind === 'finalize' && record.finalization !== undefined) {
        return blockOf(record.finalization.vote) === block ? 'duplicate' : 'conflicting';
      }
      this.#certify(record, certificate, block);
    }
    this.tell({ kind: 'certified', certificate });
    if (isBetter(certificate, this.#best)) this.#best = certificate;
    if (view >= this.#view) this.#view = view + 1;
    return 'learned';
  }

  /** Decides what a finalisation and the known blocks allow; gives the new decided view, if any. */
  settle(certificate: QuorumCertificate<Proof> | undefined): number | undefined {
    const block = certificate === undefined ? undefined : blockOf(certificate.vote);
    if (certificate === undefined || block === undefined || this.#isForked) return undefined;
    const { view } = certificate.vote;
    if (view <= this.decided.view) return undefined;
    const path = this.tree.pathTo(block, view);
    if (path.kind === 'missing') {
      this.want(path.block.id, path.block.view);
      if (view >= (this.#pending?.certificate.vote.view ?? 0)) {
        this.#pending = { certificate, missing: path.block };
      }
      return undefined;
    }
    const last = path.kind === 'path' ? path.blocks.at(-1) : undefined;
    if (path.kind === 'fork' || last === undefined) {
      this.#fork(certificate);
      return undefined;
    }
    const blocks = path.blocks.map(({ id }) => id);
    this.tell({ kind: 'decided', blocks, certificate });
    this.#finalization = certificate;
    this.#prune(last);
    return last.view;
  }

  /** Goes on with a finalisation that waited for blocks, from where it got stuck. */
  resume(): number | undefined {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    const { missing, certificate } = pending;
    if (missing.view <= this.decided.view) return this.settle(certificate);
    if (this.tree.get(missing.id) === undefined) return undefined;
    const path = this.tree.pathTo(missing.id, missing.view);
    if (path.kind !== 'missing') return this.settle(certificate);
    this.want(path.block.id, path.block.view);
    this.#pending = { certificate, missing: path.block };
    return undefined;
  }

  /** Keeps a block that its leader signed, or says why not. */
  addBlock(block: BlockHeader): BlockOutcome {
    const objection = formObjection(block, this.power.weights.length);
    if (objection !== undefined) return objection;
    if (block.view <= this.decided.view) return 'stale-view';
    if (this.tree.get(block.id) !== undefined) return 'duplicate';
    const isWanted = this.#wanted.has(block.id);
    if (block.view > this.#view + VIEWS_AHEAD_MAX && !isWanted) return 'too-far-ahead';
    if (this.leaders.leaderOf(block.view) !== block.leader) return 'not-the-leader';
    const record = this.views.at(block.view);
    if (record.votes === undefined && !isWanted) return 'too-old';
    this.#noteConflict(record, block);
    const objectionOfParent = this.#parentObjection(block);
    if (objectionOfParent !== undefined && !isWanted) {
      record.isSpoiled = true;
      return objectionOfParent;
    }
    const isFull = isWanted ? this.tree.isFull : record.blocks.length >= BLOCKS_PER_VIEW_MAX;
    if (isFull) return 'too-many-blocks';
    this.#wanted.delete(block.id);
    const isOwn = block.leader === this.#self;
    const known = { header: block, validity: isOwn ? 'valid' : 'unjudged' } as const;
    record.blocks.push({ ...known });
    const kept = record.blocks.at(-1);
    if (kept !== undefined) this.tree.add(kept);
    return 'accepted';
  }

  #certify(record: ViewRecord<Proof>, certificate: QuorumCertificate<Proof>, block: Digest): void {
    if (certificate.vote.kind === 'notarize') record.notarization = certificate;
    else record.finalization = certificate;
    record.certified = block;
    this.#notarizedView = Math.max(this.#notarizedView, record.view);
    this.want(block, record.view);
  }

  /** A finalisation of the decided view for another block is a fork; all else is merely late. */
  #contradicts(certificate: QuorumCertificate<Proof>): CertificateOutcome {
    const { vote } = certificate;
    const { decided } = this;
    const isOther = vote.kind === 'finalize' && vote.block !== decided.id;
    if (!isOther || vote.view !== decided.view || this.#isForked) return 'stale-view';
    this.#fork(certificate);
    return 'conflicting';
  }

  #fork(certificate: QuorumCertificate<Proof>): void {
    this.#isForked = true;
    this.#pending = undefined;
    this.tell({ kind: 'forked', decided: this.decided, certificate });
  }

  #prune(decided: BlockHeader): void {
    this.tree.decide(decided);
    this.views.prune(decided.view);
    for (const [id, view] of this.#wanted) if (view <= decided.view) this.#wanted.delete(id);
    if ((this.#pending?.certificate.vote.view ?? 0) <= decided.view) this.#pending = undefined;
  }

  #noteConflict(record: ViewRecord<Proof>, second: BlockHeader): void {
    const first = record.blocks[0]?.header;
    if (first === undefined || record.hasConflict) return;
    record.hasConflict = true;
    this.tell({ kind: 'conflicting-proposals', leader: second.leader, first, second });
  }

  #parentObjection(block: BlockHeader): BlockOutcome | undefined {
    const { decided } = this;
    if (block.parentView < decided.view) return 'stale-parent';
    if (block.parentView === decided.view && block.parent !== decided.id) return 'wrong-parent';
    const parent = this.tree.headerOf(block.parent);
    if (parent === undefined) return undefined;
    if (parent.view !== block.parentView) return 'wrong-parent';
    return parent.height + 1 === block.height ? undefined : 'wrong-height';
  }
}

function formObjection(block: BlockHeader, members: number): BlockOutcome | undefined {
  const { view, height, parentView, leader } = block;
  const areCounts = [view, height, parentView, leader].every(
    (value) => Number.isSafeInteger(value) && value >= 0,
  );
  const isInOrder = parentView < view && height > 0 && leader < members;
  return areCounts && isInOrder && block.id !== block.parent ? undefined : 'malformed';
}

function isBetter<Proof>(
  a: QuorumCertificate<Proof>,
  b: QuorumCertificate<Proof> | undefined,
): boolean {
  if (b === undefined || a.vote.view > b.vote.view) return true;
  return a.vote.view === b.vote.view && rank(a) > rank(b);
}

function rank<Proof>({ vote }: QuorumCertificate<Proof>): number {
  if (vote.kind === 'nullify') return 0;
  return vote.kind === 'notarize' ? 1 : 2;
}
