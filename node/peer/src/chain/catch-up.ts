// How a member that was away follows: decided blocks with certificates from whoever has them, and
// from a checkpoint on when it was away for long.

import {
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
  type Checked,
  checked,
  type FinalRun,
  refused,
  SNAPSHOT_PART_BYTES,
  type TransportId,
} from '@starling/shared';
import type { LedgerRules } from './block-rules.ts';
import { type ReadBlock, readBlock } from './chain-codec.ts';
import type { ChainMail } from './chain-mail.ts';
import type { ChainWorld } from './chain-world.ts';
import { checkpointOf } from './checkpoints.ts';
import type { DecidedChain, Decision } from './decided-chain.ts';
import { decisionsOf } from './decisions.ts';

/** Answers with blocks that are followed in one go. */
const ANSWERS_MAX = 256;

export interface CatchUpParts {
  readonly world: ChainWorld;
  readonly mail: ChainMail;
  readonly queue: VerificationQueue;
  readonly rules: LedgerRules;
  readonly collection: string;
  readonly decided: DecidedChain;
}

export class CatchUp {
  readonly #parts: CatchUpParts;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** Follows one member as far as it is. Resolves to true when something was decided by that. */
  async follow(to: TransportId): Promise<boolean> {
    const { collection, decided, mail, world } = this.#parts;
    let moved = false;
    for (let i = 0; i < ANSWERS_MAX; i++) {
      const fromHeight = decided.state.tip.height + 1;
      const answer = await mail.ask(to, { kind: 'blocks', collection, fromHeight });
      if (answer?.outcome !== 'blocks' || answer.runs.length === 0) return moved;
      const { checkpointEvery } = decided.state.rules;
      const isFar = decided.state.tip.height === 0 && answer.height > checkpointEvery;
      if (isFar && (await this.#jump(to))) {
        moved = true;
        continue;
      }
      for (const run of answer.runs) {
        const taken = await this.#take(run);
        if (!taken.ok) {
          const { detail, reason } = taken.refusal;
          world.logger.warn('decided blocks do not hold', { from: to, reason, detail });
          return moved;
        }
        moved = true;
      }
    }
    return moved;
  }

  async #take(run: FinalRun): Promise<Checked<void>> {
    const { decided } = this.#parts;
    const proved = await this.#prove(run, epochStartOf(decided.state));
    if (!proved.ok) return proved;
    const [first] = proved.value;
    if (first?.block.parent !== decided.state.tip.id) {
      return refused('unknown-block', 'the run does not follow');
    }
    await decided.take(this.#decisions(proved.value, run));
    return checked(undefined);
  }

  /** The run's blocks, once every signature of its certificate was verified. */
  async #prove(run: FinalRun, of: EpochStart): Promise<Checked<readonly ReadBlock[]>> {
    const { queue, rules } = this.#parts;
    const reads: ReadBlock[] = [];
    for (const body of run.blocks) {
      const read = readBlock(body);
      if (!read.ok) return read;
      reads.push(read.value);
    }
    const keys = new Map(of.membership.members.map((each) => [each.member, each.publicKey]));
    const keyOf = (member: string) => keys.get(member as never);
    const claims = claimsOfCertificate(run.certificate, of.membership)
      .map((claim) => rules.claim(claim, keyOf))
      .filter((claim) => claim !== undefined);
    const answer = await queue.checkAll(claims);
    if (answer === 'busy') return refused('busy', 'too many signatures wait to be verified');
    const { isSigned } = rules.verified(keyOf);
    const blocks = reads.map(({ block }) => block);
    const decidedRun: DecidedRun = { blocks, certificate: run.certificate };
    const objection = finalRunObjection(decidedRun, of, { digestOf, isSigned });
    return objection === undefined ? checked(reads) : { ok: false, refusal: objection };
  }

  /** From the beginning over the changes of members to the newest checkpoint. */
  async #jump(to: TransportId): Promise<boolean> {
    const { collection, decided, mail, world } = this.#parts;
    const { ends, epochs } = await this.#walk(to);
    const answer = await mail.ask(to, { kind: 'checkpoint', collection });
    if (answer?.outcome !== 'checkpoint') return false;
    const snapshot = await this.#snapshot(to, answer.height, answer.snapshotBytes);
    const [body] = answer.run.blocks;
    const read = body === undefined ? undefined : readBlock(body);
    if (snapshot === undefined || read?.ok !== true) return false;
    const epoch = epochs.find((each) => each.epoch === read.value.block.epoch);
    const proved = epoch === undefined ? undefined : await this.#prove(answer.run, epoch);
    if (proved?.ok !== true) return false;
    const memberships = membershipsOf(epochs);
    const { genesis, rules } = decided.state;
    const { block } = read.value;
    const state = decodeState(snapshot, { block, digestOf, genesis, memberships, rules });
    if (!state.ok) {
      world.logger.warn('a checkpoint does not hold', { from: to, detail: state.refusal.detail });
      return false;
    }
    const checkpoint = checkpointOf(state.value, read.value.body);
    await decided.jump(checkpoint, ends, this.#decisions(proved.value, answer.run));
    return true;
  }

  #decisions(reads: readonly ReadBlock[], { certificate }: FinalRun): readonly Decision[] {
    const decidedAtMs = this.#parts.world.clock.nowMs();
    return decisionsOf(reads, certificate, {
      decidedAtMs,
      poll: null,
      polled: null,
      undecidedMs: null,
    });
  }

  /** All epochs so far, and the blocks that ended them. */
  async #walk(to: TransportId): Promise<Walked> {
    const ends: Decision[] = [];
    const { collection, decided, mail, rules } = this.#parts;
    let epochs: readonly EpochStart[] = [epochStartOf(decided.state)];
    for (let i = 0; i < ANSWERS_MAX; i++) {
      const last = epochs.at(-1);
      if (last === undefined) return { ends, epochs };
      const request = { kind: 'membership', collection, fromEpoch: last.epoch } as const;
      const answer = await mail.ask(to, request);
      if (answer?.outcome !== 'membership' || answer.runs.length === 0) return { ends, epochs };
      for (const run of answer.runs) {
        const from = epochs.at(-1);
        if (from === undefined) return { ends, epochs };
        const proved = await this.#prove(run, from);
        if (!proved.ok) return { ends, epochs };
        const blocks = proved.value.map(({ block }) => block);
        const step = { blocks, certificate: run.certificate };
        const walked = walkMembership(from, [step], rules.certified);
        const next = walked.ok ? walked.value.at(-1) : undefined;
        if (next === undefined) return { ends, epochs };
        epochs = [...epochs, next];
        ends.push(...this.#decisions(proved.value, run));
      }
    }
    return { ends, epochs };
  }

  async #snapshot(to: TransportId, height: number, bytes: number): Promise<Uint8Array | undefined> {
    const { collection, mail } = this.#parts;
    const whole = new Uint8Array(bytes);
    for (let offset = 0; offset < bytes; offset += SNAPSHOT_PART_BYTES) {
      const answer = await mail.ask(to, { kind: 'snapshot', collection, height, offset });
      const expected = Math.min(SNAPSHOT_PART_BYTES, bytes - offset);
      if (answer?.outcome !== 'snapshot' || answer.bytes.byteLength !== expected) return undefined;
      whole.set(answer.bytes, offset);
    }
    return whole;
  }
}

interface Walked {
  readonly ends: readonly Decision[];
  readonly epochs: readonly EpochStart[];
}
