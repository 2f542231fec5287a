// What the coordinator knows of the members' chain: the state that decided blocks give, and what
// states forget: who attested and who agreed.

import { applyBlock, type ChainState, nextEpoch } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import {
  type FollowedChain,
  type LedgerRules,
  ofOneEpoch,
  type ProvedRun,
  type ReadBlock,
} from '@starling/rules';
import {
  type CborValue,
  type ChainEntry,
  type Clock,
  type Digest,
  encodeCanonical,
  type MemberId,
  type Meter,
} from '@starling/shared';
import { CoordinatorError } from '../coordinator-error.ts';
import type { MemberChange, ObservedAttestation } from './chain-view.ts';

/** Newest decided patterns and settings whose signers are remembered. */
export const SIGNERS_KEPT_MAX = 1_024;
/** Newest changes of members that are remembered. */
export const MEMBER_CHANGES_MAX = 64;

export interface Agreement {
  readonly author: MemberId;
  readonly approvals: readonly MemberId[];
}

/**
 * Invariant: `state` is what certified blocks, or a certified checkpoint and the blocks behind it,
 * make of the beginning.
 */
export class ObservedChain implements FollowedChain {
  readonly #world: { readonly clock: Clock; readonly meter: Meter };
  readonly #rules: LedgerRules;
  readonly #attested = new Map<Digest, readonly ObservedAttestation[]>();
  readonly #agreed = new Map<Digest, Agreement>();
  readonly #changes: MemberChange[] = [];
  #state: ChainState;
  #movedAtMs: number | null = null;

  constructor(
    world: { readonly clock: Clock; readonly meter: Meter },
    rules: LedgerRules,
    opening: ChainState,
  ) {
    this.#world = world;
    this.#rules = rules;
    this.#state = opening;
  }

  get state(): ChainState {
    return this.#state;
  }

  get movedAtMs(): number | null {
    return this.#movedAtMs;
  }

  get memberChanges(): readonly MemberChange[] {
    return this.#changes;
  }

  /** Who attested a decided pattern; empty for one from before the followed checkpoint. */
  attestationsOf(id: Digest): readonly ObservedAttestation[] {
    return this.#attested.get(id) ?? [];
  }

  agreementOn(setting: Digest): Agreement | undefined {
    return this.#agreed.get(setting);
  }

  /** @throws {CoordinatorError} `corrupt-chain` when a quorum certified what the ledger refuses. */
  async take({ blocks }: ProvedRun): Promise<void> {
    for (const read of ofOneEpoch(blocks)) this.#adopt(read);
  }

  /** @throws {CoordinatorError} `corrupt-chain` */
  async jump(state: ChainState, ends: readonly ProvedRun[], { blocks }: ProvedRun): Promise<void> {
    this.#attested.clear();
    this.#agreed.clear();
    this.#changes.splice(0);
    for (const { blocks: of } of ends) for (const read of of.slice(0, 1)) this.#noteEnd(read);
    this.#moveTo(nextEpoch(state) ?? state);
    for (const read of ofOneEpoch(blocks).slice(1)) this.#adopt(read);
  }

  #adopt({ block }: ReadBlock): void {
    const applied = applyBlock(this.#state, block, this.#rules.certified);
    if (!applied.ok) {
      const { detail, reason } = applied.refusal;
      const message = `a certified block of height ${block.height} does not follow (${reason}: ${detail})`;
      throw new CoordinatorError('corrupt-chain', message);
    }
    for (const entry of block.entries) this.#noteSigners(entry);
    const next = nextEpoch(applied.value);
    if (next !== undefined) this.#noteChange(block.height, applied.value, next);
    this.#moveTo(next ?? applied.value);
    this.#world.meter.count('starling_coordinator_chain_blocks_total');
  }

  #moveTo(state: ChainState): void {
    this.#state = state;
    this.#movedAtMs = this.#world.clock.nowMs();
    this.#world.meter.gauge('starling_coordinator_chain_height', state.tip.height);
  }

  #noteSigners(entry: ChainEntry): void {
    if (entry.kind === 'pattern') {
      const attestations = entry.attestations.map(({ member, recallMicros, verdict }) => {
        return { member, accepts: verdict === 'accept', verdict, recallMicros };
      });
      keep(this.#attested, idOf(entry.proposal as CborValue), attestations);
    }
    if (entry.kind === 'setting') {
      const { author } = entry.proposal;
      const approvals = entry.approvals.map(({ member }) => member);
      keep(this.#agreed, idOf(entry.proposal as CborValue), { author, approvals });
    }
  }

  #noteChange(height: number, before: ChainState, after: ChainState): void {
    const [old, now] = [before, after].map(({ membership }) => [...membership.places.keys()]);
    const joined = (now ?? []).filter((member) => !before.membership.places.has(member));
    const left = (old ?? []).filter((member) => !after.membership.places.has(member));
    this.#pushChange({ height, epoch: after.epoch, joined, left });
  }

  /** Walked to and not applied: that the members changed is known, who they were before is not kept. */
  #noteEnd({ block }: ReadBlock): void {
    this.#pushChange({ height: block.height, epoch: block.epoch + 1, joined: [], left: [] });
  }

  #pushChange(change: MemberChange): void {
    this.#changes.push(change);
    if (this.#changes.length > MEMBER_CHANGES_MAX) this.#changes.shift();
  }
}

function idOf(proposal: CborValue): Digest {
  return digestOf(encodeCanonical(proposal));
}

function keep<T>(map: Map<Digest, T>, id: Digest, value: T): void {
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > SIGNERS_KEPT_MAX && oldest !== undefined) map.delete(oldest);
}
