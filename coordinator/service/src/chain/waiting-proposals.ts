// What members propose and the chain has not decided: patterns with what was measured of them,
// settings with who agreed, as far as gossip told. Signatures were verified before.

import { type ChainState, lapseObjection } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import {
  type Digest,
  type MemberId,
  type Opened,
  type PatternAttestation,
  type PatternProposal,
  patternAttestation,
  patternProposal,
  type SettingApproval,
  type SettingProposal,
  settingApproval,
  settingProposal,
} from '@starling/shared';
import type { ObservedAttestation } from './chain-view.ts';

/** Proposals of each kind that are held, and of one author. */
export const WAITING_PATTERNS_MAX = 256;
export const WAITING_SETTINGS_MAX = 64;
export const WAITING_PER_AUTHOR_MAX = 8;

export interface WaitingPattern {
  readonly id: Digest;
  readonly proposal: PatternProposal;
  readonly attestations: Map<MemberId, ObservedAttestation>;
}

export interface WaitingSetting {
  readonly id: Digest;
  readonly proposal: SettingProposal;
  readonly approvals: Set<MemberId>;
}

/** Invariant: the first word of a member about a proposal stands. */
export class WaitingProposals {
  readonly #patterns = new Map<Digest, WaitingPattern>();
  readonly #settings = new Map<Digest, WaitingSetting>();

  get patterns(): readonly WaitingPattern[] {
    return [...this.#patterns.values()];
  }

  get settings(): readonly WaitingSetting[] {
    return [...this.#settings.values()];
  }

  /** Takes note of a verified message; of other kinds of no interest here. */
  hear({ body, bodyBytes, sender, type }: Opened<unknown>): void {
    if (type === patternProposal.type) {
      const proposal = body as PatternProposal;
      if (proposal.author !== sender) return;
      const waiting = { id: digestOf(bodyBytes), proposal, attestations: new Map() };
      hold(this.#patterns, waiting, WAITING_PATTERNS_MAX);
    } else if (type === settingProposal.type) {
      const proposal = body as SettingProposal;
      if (proposal.author !== sender) return;
      const waiting = { id: digestOf(bodyBytes), proposal, approvals: new Set<MemberId>() };
      hold(this.#settings, waiting, WAITING_SETTINGS_MAX);
    } else if (type === patternAttestation.type) {
      const { proposal, recallMicros, verdict } = body as PatternAttestation;
      const attestations = this.#patterns.get(proposal)?.attestations;
      if (attestations === undefined || attestations.has(sender)) return;
      const accepts = verdict === 'accept';
      attestations.set(sender, { member: sender, accepts, verdict, recallMicros });
    } else if (type === settingApproval.type) {
      this.#settings.get((body as SettingApproval).proposal)?.approvals.add(sender);
    }
  }

  /** Forgets what the chain decided, and settings whose place another value took. */
  forget({ patterns, settings }: ChainState): void {
    for (const id of this.#patterns.keys()) if (patterns.has(id)) this.#patterns.delete(id);
    for (const [id, { proposal }] of this.#settings) {
      const number = settings.get(proposal.name)?.record.number ?? 0;
      if (number > proposal.base) this.#settings.delete(id);
    }
  }
}

/** True when the chain takes the proposal no more. */
export function isLapsed(
  { height }: Pick<PatternProposal, 'height'>,
  { rules, tip }: Pick<ChainState, 'rules' | 'tip'>,
): boolean {
  return lapseObjection(height, tip.height + 1, rules)?.reason === 'expired';
}

type Waiting = { readonly id: Digest; readonly proposal: { readonly author: MemberId } };

/** The oldest gives way: of the author when there are many of it, else of all. */
function hold<T extends Waiting>(held: Map<Digest, T>, waiting: T, max: number): void {
  if (held.has(waiting.id)) return;
  const { author } = waiting.proposal;
  const own = [...held.values()].filter(({ proposal }) => proposal.author === author);
  const [oldestOwn] = own;
  const [oldest] = held.keys();
  if (own.length >= WAITING_PER_AUTHOR_MAX && oldestOwn !== undefined) held.delete(oldestOwn.id);
  else if (held.size >= max && oldest !== undefined) held.delete(oldest);
  held.set(waiting.id, waiting);
}
