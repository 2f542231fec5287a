// What the books need beside the balances: the rules in force, epochs, the owners' orders, what is
// being unbonded, and by what the usefulness of versions is measured.

import type { Digest, Genesis, LedgerTerms, MemberId } from '@starling/shared';
import { MICROS } from '@starling/shared';

/** The newest order of an owner's key that was carried out. */
export interface OrderRecord {
  readonly sequence: number;
  /** Digest of its body. */
  readonly digest: Digest;
  /** Event that carried it out. */
  readonly event: number;
}

export interface Unbonding {
  readonly member: MemberId;
  readonly amount: bigint;
  /** Free when this epoch begins. */
  readonly untilEpoch: number;
}

/** The best recall that a member measured of any version, and the newest version it measured. */
export interface RecallMark {
  readonly recallMicros: number;
  readonly version: number;
}

export interface Accounting {
  terms: LedgerTerms;
  /** The signed rule set in force; undefined while the genesis' rewards are the rules. */
  rules: { readonly seq: number; readonly digest: Digest; readonly frame: Uint8Array } | undefined;
  /** From 0; one ends with its last round. */
  epoch: number;
  /** Rounds of this epoch that are closed. */
  roundsInEpoch: number;
  readonly orders: Map<MemberId, OrderRecord>;
  unbonding: readonly Unbonding[];
  /** Who contributed to each of the newest versions. */
  readonly contributors: Map<number, readonly MemberId[]>;
  readonly recall: Map<MemberId, RecallMark>;
  /** Names of the faults that were paid for. */
  readonly faults: Set<string>;
}

/** The rewards of the genesis, and nothing that only a signed rule set can bring. */
export function genesisTerms({ rewards }: Pick<Genesis, 'rewards'>): LedgerTerms {
  const { acceptedUpdate, vote } = rewards;
  return {
    epochRounds: 1,
    escrow: 0,
    rewards: { acceptedUpdate, vote },
    slashing: { session: 0, update: 0, vote: 0 },
    stakeMin: 0,
    transferFee: 0,
    unbondingEpochs: 1,
    usefulness: { fullGainMicros: MICROS, pool: 0 },
  };
}

export function openAccounting(genesis: Pick<Genesis, 'rewards'>): Accounting {
  return {
    terms: genesisTerms(genesis),
    rules: undefined,
    epoch: 0,
    roundsInEpoch: 0,
    orders: new Map(),
    unbonding: [],
    contributors: new Map(),
    recall: new Map(),
    faults: new Set(),
  };
}

/** What is being unbonded, and what was measured, go on under a member's new key. */
export function followKey(accounting: Accounting, from: MemberId, to: MemberId): void {
  accounting.unbonding = accounting.unbonding.map((each) =>
    each.member === from ? { ...each, member: to } : each,
  );
  const mark = accounting.recall.get(from);
  if (mark !== undefined) accounting.recall.set(to, mark);
  accounting.recall.delete(from);
}
