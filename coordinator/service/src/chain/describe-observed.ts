// The observed chain as a view: what is decided from the state, what waits from gossip.

import type { ChainState, PatternRecord } from '@starling/consensus';
import type { ChainView, ObservedAttestation, PatternView, SettingView } from './chain-view.ts';
import type { ObservedChain } from './observed-chain.ts';
import { isLapsed, type WaitingPattern, type WaitingProposals } from './waiting-proposals.ts';

export function describeObserved(chain: ObservedChain, waiting: WaitingProposals): ChainView {
  const { state } = chain;
  const { epoch, membership, models, rules, tip } = state;
  const versions = [...models.values()].map(({ record }) => record.version);
  return {
    engine: rules.engine.kind,
    epoch,
    height: tip.height,
    block: tip.id,
    members: membership.members.map(({ member }) => member),
    memberChanges: chain.memberChanges,
    version: Math.max(0, ...versions),
    patterns: [
      ...[...state.patterns.values()]
        .map(({ record }) => decidedPattern(record, chain))
        .sort((a, b) => (a.height ?? 0) - (b.height ?? 0)),
      ...waiting.patterns
        .filter(({ id }) => !state.patterns.has(id))
        .map((each) => waitingPattern(each, state)),
    ],
    settings: settingsOf(chain, waiting),
    movedAtMs: chain.movedAtMs,
  };
}

function decidedPattern(record: PatternRecord, chain: ObservedChain): PatternView {
  const { author, boundMicros, height, id, pattern, supersededBy, verdicts } = record;
  return {
    id,
    proposer: author,
    status: supersededBy === null ? 'final' : 'retired',
    attestations: chain.attestationsOf(id),
    verdicts,
    recallMicros: boundMicros,
    height,
    supersededBy,
    efSearch: pattern.efSearch,
    k: pattern.k,
  };
}

function waitingPattern(
  { attestations: heard, id, proposal }: WaitingPattern,
  state: ChainState,
): PatternView {
  const { author, pattern } = proposal;
  const attestations = [...heard.values()].sort((a, b) => (a.member < b.member ? -1 : 1));
  return {
    id,
    proposer: author,
    status: isLapsed(proposal, state) ? 'lapsed' : 'proposed',
    attestations,
    verdicts: countOf(attestations),
    recallMicros: null,
    height: null,
    supersededBy: null,
    efSearch: pattern.efSearch,
    k: pattern.k,
  };
}

function settingsOf(chain: ObservedChain, waiting: WaitingProposals): SettingView[] {
  const decided = [...chain.state.settings.values()].map(({ record }): SettingView => {
    const { height, name, proposal: id, value } = record;
    const { approvals, author } = chain.agreementOn(id) ?? { approvals: [], author: null };
    return { id, name, value, status: 'final', author, approvals, height };
  });
  const known = new Set(decided.map(({ id }) => id));
  const proposed = waiting.settings
    .filter(({ id }) => !known.has(id))
    .map(({ approvals: heard, id, proposal }): SettingView => {
      const { author, name, value } = proposal;
      return {
        id,
        name,
        value,
        status: 'proposed',
        author,
        approvals: [...heard].sort(),
        height: null,
      };
    });
  return [...decided.sort((a, b) => (a.name < b.name ? -1 : 1)), ...proposed];
}

function countOf(attestations: readonly ObservedAttestation[]): PatternView['verdicts'] {
  const count = (verdict: string) => attestations.filter((each) => each.verdict === verdict).length;
  return { abstains: count('abstain'), accepts: count('accept'), rejects: count('reject') };
}
