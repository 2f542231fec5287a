// What is decided, in memory and on the disk: the state, the blocks that made it, and what shows to
// anyone that they are final.

import {
  applyBlock,
  type ChainState,
  decodeState,
  isCheckpoint,
  nextEpoch,
} from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import { type LedgerRules, type ReadBlock, readBlock } from '@starling/rules';
import {
  ANSWER_BLOCKS_MAX,
  ANSWER_EPOCHS_MAX,
  bytesSchema,
  type CborValue,
  type ChainCertificate,
  chainCertificateSchema,
  decodeCanonical,
  encodeCanonical,
  type FinalRun,
  type MemberId,
  RECORD_BYTES_MAX,
  uintSchema,
  z,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';
import { type ChainJournal, ordinal } from './chain-journal.ts';
import {
  type PolledFinality,
  type PollSummary,
  polledFinalitySchema,
  pollSummarySchema,
} from './chain-status.ts';
import { type Checkpoint, checkpointOf, loadCheckpoint, saveCheckpoint } from './checkpoints.ts';

/** Decided blocks that stay in memory; older ones are read from the disk when asked for. */
export const DECISIONS_KEPT_MAX = 64;

/** Epochs whose members are remembered. */
const EPOCHS_KEPT_MAX = 16;

const decisionSchema = z.strictObject({
  body: bytesSchema,
  certificate: chainCertificateSchema.nullable(),
  decidedAtMs: uintSchema,
  poll: pollSummarySchema.nullable(),
  /** Absent in records from before the engine snow ran. */
  polled: polledFinalitySchema.nullable().default(null),
  trailing: z.array(bytesSchema).max(ANSWER_BLOCKS_MAX),
  undecidedMs: uintSchema.nullable(),
});

export interface Decision {
  readonly read: ReadBlock;
  /** For the last of `trailing`, or for the block itself; null when a later block’s stands for it. */
  readonly certificate: ChainCertificate | null;
  readonly decidedAtMs: number;
  readonly poll: PollSummary | null;
  /** The polls that made it final; null where a certificate did. */
  readonly polled: PolledFinality | null;
  /** Blocks behind the one that ended its epoch: they only helped to decide it. */
  readonly trailing: readonly Uint8Array[];
  readonly undecidedMs: number | null;
}

/** Invariant: `state` is what the decided blocks make of the beginning, and nothing else. */
export class DecidedChain {
  readonly #journal: ChainJournal;
  readonly #rules: LedgerRules;
  readonly #recent: Decision[] = [];
  /** Height of the block that ended each epoch. */
  readonly #ends = new Map<number, number>();
  /** Members of the newest epochs. */
  readonly #members = new Map<number, readonly MemberId[]>();
  #state: ChainState;
  #uncertified = 0;

  private constructor(journal: ChainJournal, rules: LedgerRules, state: ChainState) {
    this.#journal = journal;
    this.#rules = rules;
    this.#state = state;
    this.#noteMembers();
  }

  /**
   * Replays what this site decided.
   * @throws {PeerError} `corrupt-chain` when the records do not follow from the beginning.
   */
  static async open(
    journal: ChainJournal,
    rules: LedgerRules,
    opening: ChainState,
  ): Promise<DecidedChain> {
    const checkpoint = await loadCheckpoint(journal);
    const base = checkpoint === undefined ? undefined : stateAt(checkpoint, opening);
    const chain = new DecidedChain(journal, rules, base ?? opening);
    const { height } = chain.state.tip;
    for await (const { value } of journal.entries(['decision'])) {
      const decision = readDecision(value);
      if (decision.read.block.height > height) chain.#adopt(decision);
      else chain.#note(decision);
    }
    return chain;
  }

  /** Behind the last decided block; where an epoch has ended, that of the next one. */
  get state(): ChainState {
    return this.#state;
  }

  /** The newest decisions, oldest first. */
  get recent(): readonly Decision[] {
    return this.#recent;
  }

  /** Decided blocks behind the last one with a certificate. */
  get uncertified(): number {
    return this.#uncertified;
  }

  /** Those of certified blocks that are above the tip; undefined when other ones are decided. */
  notYet(certified: readonly ReadBlock[]): readonly ReadBlock[] | undefined {
    const ids = new Map(this.#recent.map(({ read }) => [read.block.height, read.id]));
    const isOther = ({ block, id }: ReadBlock) => (ids.get(block.height) ?? id) !== id;
    if (certified.some(isOther)) return undefined;
    return certified.filter(({ block }) => block.height > this.#state.tip.height);
  }

  /**
   * Adopts blocks that follow, and resolves when they are on the disk.
   * @throws {PeerError} `corrupt-chain` when one does not follow, and nothing behind it is adopted.
   */
  async take(decisions: readonly Decision[]): Promise<void> {
    const checkpoints = decisions.map((decision) => this.#adopt(decision));
    const newest = checkpoints.findLast((each) => each !== undefined);
    await Promise.all([
      this.#journal.write(decisions.map(recordOf)),
      newest === undefined ? undefined : saveCheckpoint(this.#journal, newest),
    ]);
  }

  /**
   * Goes on from a checkpoint that a quorum certified, whose members were walked to.
   * @param ends how the epochs before it ended
   */
  async jump(
    checkpoint: Checkpoint,
    ends: readonly Decision[],
    decisions: readonly Decision[],
  ): Promise<void> {
    const state = stateAt(checkpoint, this.#state);
    const [first, ...later] = decisions;
    if (state === undefined || first?.read.block.height !== checkpoint.height) {
      throw new PeerError('corrupt-chain', 'the checkpoint does not stand on its block');
    }
    this.#state = state;
    this.#recent.splice(0);
    for (const each of ends) this.#note(each);
    this.#note(first);
    for (const each of later) this.#adopt(each);
    await saveCheckpoint(this.#journal, checkpoint);
    await this.#journal.write([...ends, ...decisions].map(recordOf));
  }

  /** The newest checkpoint, for whoever joins late. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    return loadCheckpoint(this.#journal);
  }

  /** Decided blocks from a height on, as runs that end in a certificate; within a limit of bytes. */
  async runs(fromHeight: number, bytesMax: number): Promise<FinalRun[]> {
    const runs: FinalRun[] = [];
    let blocks: Uint8Array[] = [];
    let bytes = 0;
    let count = 0;
    for (let height = fromHeight; height <= this.#state.tip.height; height++) {
      const decision = await this.at(height);
      if (decision === undefined) break;
      const { certificate, read, trailing } = decision;
      blocks.push(read.body, ...trailing);
      bytes += [read.body, ...trailing].reduce((sum, { byteLength }) => sum + byteLength, 0);
      count += 1 + trailing.length;
      // What polls decided is shown only by a certificate that is near enough behind it.
      if (certificate === null && blocks.length < ANSWER_BLOCKS_MAX) continue;
      if (certificate === null || blocks.length > ANSWER_BLOCKS_MAX) break;
      bytes += certificateBytes(certificate);
      if (runs.length > 0 && (bytes > bytesMax || count > ANSWER_BLOCKS_MAX)) break;
      runs.push({ blocks, certificate });
      blocks = [];
    }
    return runs;
  }

  /** How epochs ended: runs that begin with the block which ended one. */
  async epochEnds(fromEpoch: number, bytesMax: number): Promise<FinalRun[]> {
    const runs: FinalRun[] = [];
    let bytes = 0;
    for (let epoch = fromEpoch; epoch < fromEpoch + ANSWER_EPOCHS_MAX; epoch++) {
      const height = this.#ends.get(epoch);
      if (height === undefined) break;
      const decision = await this.at(height);
      if (decision?.certificate == null) break;
      const run = {
        blocks: [decision.read.body, ...decision.trailing],
        certificate: decision.certificate,
      };
      bytes += run.blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (runs.length > 0 && bytes > bytesMax) break;
      runs.push(run);
    }
    return runs;
  }

  /** The decision of a height, from memory or disk. */
  async at(height: number): Promise<Decision | undefined> {
    const known = this.#recent.find(({ read }) => read.block.height === height);
    if (known !== undefined) return known;
    const value = await this.#journal.get('decision', [ordinal(height)]);
    return value === undefined ? undefined : readDecision(value);
  }

  /** The checkpoint that is due behind this block, if one is. */
  #adopt(decision: Decision): Checkpoint | undefined {
    const { block } = decision.read;
    const applied = applyBlock(this.#state, block, this.#rules.certified);
    if (!applied.ok) {
      const { detail, reason } = applied.refusal;
      const message = `block ${block.height} does not follow (${reason}: ${detail})`;
      throw new PeerError('corrupt-chain', message);
    }
    this.#state = nextEpoch(applied.value) ?? applied.value;
    this.#noteMembers();
    this.#note(decision);
    if (!isCheckpoint(block.height, applied.value.rules)) return undefined;
    return checkpointOf(applied.value, decision.read.body);
  }

  /** Who decided an epoch, while that is remembered. */
  membersOf(epoch: number): readonly MemberId[] | undefined {
    return this.#members.get(epoch);
  }

  #noteMembers(): void {
    const { epoch, membership } = this.#state;
    if (this.#members.has(epoch)) return;
    this.#members.set(
      epoch,
      membership.members.map(({ member }) => member),
    );
    this.#members.delete(epoch - EPOCHS_KEPT_MAX);
  }

  #note(decision: Decision): void {
    const { block } = decision.read;
    const isEnd = block.entries.at(-1)?.kind === 'membership';
    if (isEnd) this.#ends.set(block.epoch, block.height);
    this.#uncertified = decision.certificate === null ? this.#uncertified + 1 : 0;
    this.#recent.push(decision);
    if (this.#recent.length > DECISIONS_KEPT_MAX) this.#recent.shift();
  }
}

/** The state at a checkpoint, where the next block stands; undefined when it does not hold. */
function stateAt(
  { body, memberships, snapshot }: Checkpoint,
  { genesis, rules }: ChainState,
): ChainState | undefined {
  const read = readBlock(body);
  if (!read.ok) return undefined;
  const { block } = read.value;
  const state = decodeState(snapshot, { block, digestOf, genesis, memberships, rules });
  return state.ok ? (nextEpoch(state.value) ?? state.value) : undefined;
}

function recordOf(decision: Decision) {
  const name = [ordinal(decision.read.block.height)];
  return { kind: 'decision' as const, name, value: encodeDecision(decision) };
}

function certificateBytes({ proofs }: ChainCertificate): number {
  return proofs.reduce((sum, { signature }) => sum + signature.byteLength + 16, 256);
}

function encodeDecision({ read, trailing, ...decision }: Decision): Uint8Array {
  const record = { ...decision, body: read.body, trailing: [...trailing] };
  return encodeCanonical(record as unknown as CborValue);
}

function readDecision(value: Uint8Array): Decision {
  const decoded = decodeCanonical(value, RECORD_BYTES_MAX);
  const parsed = decoded.ok ? decisionSchema.safeParse(decoded.value).data : undefined;
  const read = parsed === undefined ? undefined : readBlock(parsed.body);
  if (parsed === undefined || read?.ok !== true) {
    throw new PeerError('corrupt-chain', 'a decided block on the disk cannot be read');
  }
  const { body: _, ...decision } = parsed;
  return { ...decision, read: read.value };
}
