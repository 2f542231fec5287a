// How whoever was away follows the chain: decided blocks with certificates from any member, and from
// a checkpoint on after a long while. Nothing is taken that a quorum did not sign.

import {
  type ChainState,
  claimsOfCertificate,
  type DecidedRun,
  decodeState,
  type EpochStart,
  epochStartOf,
  finalRunObjection,
  membershipsOf,
  walkMembership,
} from '@starling/consensus';
import { digestOf, type VerificationQueue } from '@starling/crypto';
import {
  type ChainAnswer,
  type ChainCertificate,
  type ChainRequest,
  type Checked,
  checked,
  type FinalRun,
  type Logger,
  type MemberId,
  refused,
  SNAPSHOT_PART_BYTES,
  type TransportId,
} from '@starling/shared';
import type { LedgerRules } from './ledger-rules.ts';
import { type ReadBlock, readBlock } from './read-block.ts';

/** Answers with blocks that are followed in one go. */
const ANSWERS_MAX = 256;

/** Consecutive blocks, oldest first, whose last one this certificate of their members finalises. */
export interface ProvedRun {
  readonly blocks: readonly ReadBlock[];
  readonly certificate: ChainCertificate;
}

/** Where followed blocks go. */
export interface FollowedChain {
  /** Behind the last decided block; where an epoch has ended, that of the next one. */
  readonly state: ChainState;
  /** Takes blocks that stand on the tip; the last ones may lie behind the end of their epoch. */
  take(run: ProvedRun): Promise<void>;
  /**
   * Goes on from the state behind the run's first block.
   * @param ends runs that begin with the block which ended an epoch, of all epochs before
   */
  jump(state: ChainState, ends: readonly ProvedRun[], run: ProvedRun): Promise<void>;
}

export interface FollowerParts {
  readonly ask: (to: TransportId, request: ChainRequest) => Promise<ChainAnswer | undefined>;
  readonly chain: FollowedChain;
  readonly collection: string;
  readonly logger: Logger;
  readonly queue: VerificationQueue;
  readonly rules: LedgerRules;
}

export class ChainFollower {
  readonly #parts: FollowerParts;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** Follows one member as far as it is. Resolves to true when something was decided by that. */
  async follow(to: TransportId): Promise<boolean> {
    const { ask, chain, collection, logger } = this.#parts;
    let moved = false;
    for (let i = 0; i < ANSWERS_MAX; i++) {
      const fromHeight = chain.state.tip.height + 1;
      const answer = await ask(to, { kind: 'blocks', collection, fromHeight });
      if (answer?.outcome !== 'blocks' || answer.runs.length === 0) return moved;
      const { checkpointEvery } = chain.state.rules;
      const isFar = chain.state.tip.height === 0 && answer.height > checkpointEvery;
      if (isFar && (await this.#jump(to))) {
        moved = true;
        continue;
      }
      for (const run of answer.runs) {
        const taken = await this.#take(run);
        if (!taken.ok) {
          const { detail, reason } = taken.refusal;
          logger.warn('decided blocks do not hold', { from: to, reason, detail });
          return moved;
        }
        moved = true;
      }
    }
    return moved;
  }

  async #take(run: FinalRun): Promise<Checked<void>> {
    const { chain } = this.#parts;
    const proved = await this.#prove(run, epochStartOf(chain.state));
    if (!proved.ok) return proved;
    const [first] = proved.value.blocks;
    if (first?.block.parent !== chain.state.tip.id) {
      return refused('unknown-block', 'the run does not follow');
    }
    await chain.take(proved.value);
    return checked(undefined);
  }

  /** The run's blocks, once every signature of its certificate was verified. */
  async #prove(run: FinalRun, of: EpochStart): Promise<Checked<ProvedRun>> {
    const { queue, rules } = this.#parts;
    const reads: ReadBlock[] = [];
    for (const body of run.blocks) {
      const read = readBlock(body);
      if (!read.ok) return read;
      reads.push(read.value);
    }
    const { certificate } = run;
    const keys = new Map(of.membership.members.map((each) => [each.member, each.publicKey]));
    const keyOf = (member: MemberId) => keys.get(member);
    const claims = claimsOfCertificate(certificate, of.membership)
      .map((claim) => rules.claim(claim, keyOf))
      .filter((claim) => claim !== undefined);
    const answer = await queue.checkAll(claims);
    if (answer === 'busy') return refused('busy', 'too many signatures wait to be verified');
    const { isSigned } = rules.verified(keyOf);
    const blocks = reads.map(({ block }) => block);
    const decidedRun: DecidedRun = { blocks, certificate };
    const objection = finalRunObjection(decidedRun, of, { digestOf, isSigned });
    if (objection !== undefined) return { ok: false, refusal: objection };
    return checked({ blocks: reads, certificate });
  }

  /** From the beginning over the changes of members to the newest checkpoint. */
  async #jump(to: TransportId): Promise<boolean> {
    const { ask, chain, collection, logger } = this.#parts;
    const { ends, epochs } = await this.#walk(to);
    const answer = await ask(to, { kind: 'checkpoint', collection });
    if (answer?.outcome !== 'checkpoint') return false;
    const snapshot = await this.#snapshot(to, answer.height, answer.snapshotBytes);
    const [body] = answer.run.blocks;
    const read = body === undefined ? undefined : readBlock(body);
    if (snapshot === undefined || read?.ok !== true) return false;
    const { block } = read.value;
    const epoch = epochs.find((each) => each.epoch === block.epoch);
    const proved = epoch === undefined ? undefined : await this.#prove(answer.run, epoch);
    if (proved?.ok !== true) return false;
    const memberships = membershipsOf(epochs);
    const { genesis, rules } = chain.state;
    const state = decodeState(snapshot, { block, digestOf, genesis, memberships, rules });
    if (!state.ok) {
      logger.warn('a checkpoint does not hold', { from: to, detail: state.refusal.detail });
      return false;
    }
    await chain.jump(state.value, ends, proved.value);
    return true;
  }

  /** All epochs so far, and the blocks that ended them. */
  async #walk(to: TransportId): Promise<Walked> {
    const ends: ProvedRun[] = [];
    const { ask, chain, collection, rules } = this.#parts;
    let epochs: readonly EpochStart[] = [epochStartOf(chain.state)];
    for (let i = 0; i < ANSWERS_MAX; i++) {
      const last = epochs.at(-1);
      if (last === undefined) return { ends, epochs };
      const request = { kind: 'membership', collection, fromEpoch: last.epoch } as const;
      const answer = await ask(to, request);
      if (answer?.outcome !== 'membership' || answer.runs.length === 0) return { ends, epochs };
      for (const run of answer.runs) {
        const from = epochs.at(-1);
        if (from === undefined) return { ends, epochs };
        const proved = await this.#prove(run, from);
        if (!proved.ok) return { ends, epochs };
        const blocks = proved.value.blocks.map(({ block }) => block);
        const step = { blocks, certificate: run.certificate };
        const walked = walkMembership(from, [step], rules.certified);
        const next = walked.ok ? walked.value.at(-1) : undefined;
        if (next === undefined) return { ends, epochs };
        epochs = [...epochs, next];
        ends.push(proved.value);
      }
    }
    return { ends, epochs };
  }

  async #snapshot(to: TransportId, height: number, bytes: number): Promise<Uint8Array | undefined> {
    const { ask, collection } = this.#parts;
    const whole = new Uint8Array(bytes);
    for (let offset = 0; offset < bytes; offset += SNAPSHOT_PART_BYTES) {
      const answer = await ask(to, { kind: 'snapshot', collection, height, offset });
      const expected = Math.min(SNAPSHOT_PART_BYTES, bytes - offset);
      if (answer?.outcome !== 'snapshot' || answer.bytes.byteLength !== expected) return undefined;
      whole.set(answer.bytes, offset);
    }
    return whole;
  }
}

interface Walked {
  readonly ends: readonly ProvedRun[];
  readonly epochs: readonly EpochStart[];
}
