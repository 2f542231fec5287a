// What waits for a decision. Everything in it was verified; everything in it has a limit, and leaves
// when it is decided, superseded or expired.

import {
  type BlockRules,
  type ChainState,
  inclusionObjection,
  lapseObjection,
} from '@starling/consensus';
import { digestOf, statementFrame } from '@starling/crypto';
import {
  ACCEPT,
  type ChainEntry,
  type Digest,
  type EntryAttestation,
  encodeCanonical,
  type FederationId,
  type MemberId,
  type MembershipEntry,
  type PatternAttestation,
  type PatternProposal,
  patternAttestation,
  type Refusal,
  type RefusalReason,
  ROSTER_MEMBERS_MAX,
  refusal,
  type SettingProposal,
  type Verdict,
} from '@starling/shared';
import {
  modelEntry,
  type PooledModel,
  type PooledProposal,
  type PooledSetting,
  patternEntry,
  settingEntry,
} from './pool-entries.ts';

/** Proposals of one author that wait. */
export const PROPOSALS_PER_AUTHOR_MAX = 8;
/** Proposals that wait in all. */
export const PROPOSALS_MAX = 256;
export const SETTINGS_PER_AUTHOR_MAX = 4;
export const SETTINGS_MAX_IN_POOL = 64;
/** Model versions that wait, two for each base. */
export const MODELS_MAX = 64;
/** Attestations of a proposal that did not arrive yet, over all proposals. */
export const EARLY_ATTESTATIONS_MAX = 2048;

interface Early {
  readonly proposal: Digest;
  readonly attestation: EntryAttestation;
}

/** Why an entry left the pool undecided, or will not be taken: nothing brings it back. */
const FINAL_OBJECTIONS: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'duplicate',
  'expired',
  'stale-round',
  'wrong-shape',
  'wrong-dimension',
  'impossible-bound',
  'bad-signature',
]);

/** Why this entry will never be included, as far as its verified signatures tell. */
export function finalObjection(
  entry: ChainEntry,
  state: ChainState,
  rules: BlockRules,
): Refusal | undefined {
  const objection = inclusionObjection(entry, state, rules);
  const isFinal = objection !== undefined && FINAL_OBJECTIONS.has(objection.reason);
  return isFinal ? objection : undefined;
}

/** Why a setting cannot be proposed any more: its value has changed since. */
export function staleObjection(
  { base, name }: SettingProposal,
  state: ChainState,
): Refusal | undefined {
  const number = state.settings.get(name)?.record.number ?? 0;
  return base < number ? refusal('stale-round', `change ${number} of ${name} is final`) : undefined;
}

export class ChainPool {
  readonly #proposals = new Map<Digest, PooledProposal>();
  readonly #settings = new Map<Digest, PooledSetting>();
  readonly #models = new Map<string, PooledModel>();
  readonly #early = new Map<string, Early>();
  #membership: MembershipEntry | undefined;
  /** Rises with every change. */
  version = 0;

  get proposals(): ReadonlyMap<Digest, PooledProposal> {
    return this.#proposals;
  }

  get settings(): ReadonlyMap<Digest, PooledSetting> {
    return this.#settings;
  }

  get sizes(): Readonly<Record<string, number>> {
    return {
      membership: this.#membership === undefined ? 0 : 1,
      model: this.#models.size,
      pattern: this.#proposals.size,
      setting: this.#settings.size,
    };
  }

  addProposal(id: Digest, proposal: PatternProposal, signature: Uint8Array): Verdict {
    if (this.#proposals.has(id)) return refusal('duplicate', 'this proposal waits already');
    const { author } = proposal;
    const own = [...this.#proposals.values()].filter((each) => each.proposal.author === author);
    if (own.length >= PROPOSALS_PER_AUTHOR_MAX || this.#proposals.size >= PROPOSALS_MAX) {
      return refusal('busy', `${own.length} proposals of this author wait already`);
    }
    const pooled = { id, proposal, signature, attestations: new Map() };
    this.#proposals.set(id, pooled);
    for (const [key, early] of this.#early) {
      if (early.proposal !== id) continue;
      pooled.attestations.set(early.attestation.member, early.attestation);
      this.#early.delete(key);
    }
    this.version++;
    return ACCEPT;
  }

  /** Counts a member's first word; `equivocation` for a second, different one. */
  addAttestation(
    member: MemberId,
    { collection: _, proposal, ...measured }: PatternAttestation,
    signature: Uint8Array,
  ): Verdict {
    const attestation = { ...measured, member, signature };
    const pooled = this.#proposals.get(proposal);
    const key = `${member}/${proposal}`;
    const before = pooled?.attestations.get(member) ?? this.#early.get(key)?.attestation;
    if (before !== undefined) {
      return isSameMeasurement(before, attestation)
        ? refusal('duplicate', 'this attestation was heard before')
        : refusal('equivocation', 'a second, different attestation of one proposal');
    }
    if (pooled === undefined) {
      this.#early.set(key, { proposal, attestation });
      const [oldest] = this.#early.keys();
      if (this.#early.size > EARLY_ATTESTATIONS_MAX && oldest !== undefined) {
        this.#early.delete(oldest);
      }
      return ACCEPT;
    }
    if (pooled.attestations.size >= ROSTER_MEMBERS_MAX) return refusal('busy', 'all attested');
    pooled.attestations.set(member, attestation);
    this.version++;
    return ACCEPT;
  }

  /** What a member said of a proposal first, for evidence. */
  attestationOf(member: MemberId, proposal: Digest): EntryAttestation | undefined {
    return (
      this.#proposals.get(proposal)?.attestations.get(member) ??
      this.#early.get(`${member}/${proposal}`)?.attestation
    );
  }

  /** The very frame in which a member said this, from its parts. */
  attestationFrame(
    { collection, proposal }: PatternAttestation,
    { member, signature, ...measured }: EntryAttestation,
    federation: FederationId,
  ): Uint8Array {
    const bodyBytes = encodeCanonical({ ...measured, collection, proposal });
    const parts = { federation, sender: member, bodyBytes, signature };
    return statementFrame(patternAttestation, parts);
  }

  addSetting(id: Digest, proposal: SettingProposal, signature: Uint8Array): Verdict {
    if (this.#settings.has(id)) return refusal('duplicate', 'this setting waits already');
    const { author } = proposal;
    const own = [...this.#settings.values()].filter((each) => each.proposal.author === author);
    if (own.length >= SETTINGS_PER_AUTHOR_MAX || this.#settings.size >= SETTINGS_MAX_IN_POOL) {
      return refusal('busy', `${own.length} settings of this author wait already`);
    }
    this.#settings.set(id, { id, proposal, signature, approvals: new Map() });
    this.version++;
    return ACCEPT;
  }

  addApproval(member: MemberId, proposal: Digest, signature: Uint8Array): Verdict {
    const pooled = this.#settings.get(proposal);
    if (pooled === undefined) return refusal('unknown-plan', 'the setting is not known');
    if (pooled.approvals.has(member)) return refusal('duplicate', 'this approval was heard');
    if (pooled.approvals.size >= ROSTER_MEMBERS_MAX) return refusal('busy', 'all approved');
    pooled.approvals.set(member, signature);
    this.version++;
    return ACCEPT;
  }

  /** At most two versions for a base: an honest federation has one. */
  addModel(model: PooledModel): Verdict {
    const { entry } = model;
    const key = `${entry.model}/${entry.baseVersion}/${digestOf(entry.certificate.body)}`;
    if (this.#models.has(key)) return refusal('duplicate', 'this version waits already');
    const rivals = [...this.#models.values()].filter(
      (each) => each.entry.baseVersion === entry.baseVersion && each.entry.model === entry.model,
    );
    if (rivals.length >= 2 || this.#models.size >= MODELS_MAX) {
      return refusal('busy', `${this.#models.size} model versions wait already`);
    }
    this.#models.set(key, model);
    this.version++;
    return ACCEPT;
  }

  /** The newest roster that was heard of; undefined: the chain knows it. */
  setMembership(entry: MembershipEntry | undefined): void {
    if (entry === this.#membership) return;
    this.#membership = entry;
    this.version++;
  }

  get membership(): MembershipEntry | undefined {
    return this.#membership;
  }

  get models(): readonly PooledModel[] {
    return [...this.#models.values()];
  }

  /** Everything as a block on this state would hold it, whether it may now or not. */
  candidates(state: ChainState): ChainEntry[] {
    return [
      ...[...this.#models.values()].flatMap((model) => modelEntry(model, state)),
      ...[...this.#settings.values()].map((each) => settingEntry(each, state)),
      ...[...this.#proposals.values()].map((each) => patternEntry(each, state)),
      ...(this.#membership === undefined ? [] : [this.#membership]),
    ];
  }

  /** True for a pattern or setting that waits here. */
  has(id: Digest): boolean {
    return this.#proposals.has(id) || this.#settings.has(id);
  }

  /** Forgets what a state has decided or will never take, and tells which proposals that were. */
  settle(state: ChainState, rules: BlockRules): ReadonlySet<Digest> {
    const before = [...this.#proposals.keys(), ...this.#settings.keys()];
    const isOver = (entry: ChainEntry): boolean =>
      finalObjection(entry, state, rules) !== undefined;
    const height = state.tip.height + 1;
    for (const [id, pooled] of this.#proposals) {
      const lapse = lapseObjection(pooled.proposal.height, height, state.rules);
      const isLapsed = lapse?.reason === 'expired';
      if (isLapsed || isOver(patternEntry(pooled, state))) this.#proposals.delete(id);
    }
    for (const [id, pooled] of this.#settings) {
      const isStale = staleObjection(pooled.proposal, state) !== undefined;
      if (isStale || isOver(settingEntry(pooled, state))) this.#settings.delete(id);
    }
    for (const [key, model] of this.#models) {
      if (modelEntry(model, state).some(isOver)) this.#models.delete(key);
    }
    if (this.#membership !== undefined && isOver(this.#membership)) this.#membership = undefined;
    this.version++;
    return new Set(before.filter((id) => !this.has(id)));
  }
}

function isSameMeasurement(a: EntryAttestation, b: EntryAttestation): boolean {
  return (
    a.verdict === b.verdict &&
    a.queries === b.queries &&
    a.recallMicros === b.recallMicros &&
    a.recallBoundMicros === b.recallBoundMicros &&
    a.costRatioMicros === b.costRatioMicros
  );
}
