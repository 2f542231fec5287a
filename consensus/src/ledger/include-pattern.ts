// When a pattern may be included, and what that does (5.1, 5.2): a function of the state alone, so
// honest members never disagree about it.

import {
  type CborValue,
  type ChainRules,
  type Checked,
  checked,
  type Digest,
  encodeCanonical,
  MICROS,
  PATTERN_EF_MAX,
  type Pattern,
  type PatternEntry,
  type PatternProposal,
  type Refusal,
  refusal,
  refused,
} from '@starling/shared';
import { attestationObjection, certifiedBound, eligibilityObjection } from './attestations.ts';
import {
  type ChainState,
  kept,
  PATTERNS_MAX,
  type PatternRecord,
  RETIRED_MAX,
} from './chain-state.ts';
import { conflicts } from './conflict.ts';
import type { DigestOf } from './membership.ts';
import type { StateChange } from './state-change.ts';

/** The change that including this pattern makes, or why it is not included. */
export function includePattern(
  { attestations, proposal }: PatternEntry,
  state: ChainState,
  digestOf: DigestOf,
): Checked<StateChange> {
  const { pattern } = proposal;
  const id = digestOf(encodeCanonical(proposal as CborValue));
  const objection =
    proposalObjection(proposal, id, state) ??
    attestations
      .map((each) => attestationObjection(each, pattern, state.rules))
      .find((each) => each !== undefined) ??
    eligibilityObjection(attestations, state.membership);
  if (objection !== undefined) return { ok: false, refusal: objection };
  const boundMicros = certifiedBound(attestations);
  const superseded = supersededBy(proposal, boundMicros, state);
  if (!superseded.ok) return superseded;
  const place = placeFor(superseded.value, state);
  if (!place.ok) return place;
  const count = (verdict: string) => attestations.filter((each) => each.verdict === verdict).length;
  const record: PatternRecord = {
    author: proposal.author,
    boundMicros,
    height: state.tip.height + 1,
    id,
    parents: proposal.parents,
    pattern,
    proposedAt: proposal.height,
    supersededBy: null,
    supersedes: proposal.supersedes,
    verdicts: { abstains: count('abstain'), accepts: count('accept'), rejects: count('reject') },
  };
  const retired = superseded.value.map((each) => ({ ...each, supersededBy: id }));
  const { books } = state;
  return checked({
    books: {
      forgotten: books.forgotten + place.value.length,
      included: books.included + 1,
      superseded: books.superseded + retired.length,
    },
    forgotten: place.value,
    patterns: [record, ...retired].map((each) => kept(each, digestOf)),
  });
}

/** Why no measurement could make this a pattern of the collection. */
export function patternObjection(
  { centroid, collection, efSearch, expectedRecallMicros, k, queries, radius }: Pattern,
  state: Pick<ChainState, 'collection' | 'rules'>,
): Refusal | undefined {
  const { attestQueriesMin, dimension } = state.rules;
  if (collection !== state.collection) return refusal('wrong-shape', `it is of ${collection}`);
  if (centroid.byteLength !== dimension) {
    return refusal('wrong-dimension', `${centroid.byteLength} components, not ${dimension}`);
  }
  if (centroid.includes(0x80)) return refusal('wrong-shape', 'a component is -128');
  const impossible = (detail: string) => refusal('impossible-bound', detail);
  if (expectedRecallMicros > MICROS) return impossible(`recall ${expectedRecallMicros} millionths`);
  if (k < 1 || k > efSearch) return impossible(`${k} neighbours of a beam of ${efSearch}`);
  if (efSearch > PATTERN_EF_MAX) return impossible(`a beam of ${efSearch}`);
  if (queries < attestQueriesMin) return impossible(`${queries} queries behind it`);
  if (radius < 1 || radius > dimension * 254 ** 2) return impossible(`a radius of ${radius}`);
  return undefined;
}

function proposalObjection(
  proposal: PatternProposal,
  id: Digest,
  state: ChainState,
): Refusal | undefined {
  const { author, height, parents, pattern } = proposal;
  const objection = patternObjection(pattern, state);
  if (objection !== undefined) return objection;
  if (state.patterns.has(id)) return refusal('duplicate', `${id} stands in the chain`);
  if (!state.membership.places.has(author)) {
    return refusal('unknown-sender', `${author} is no member`);
  }
  const lapse = lapseObjection(height, state.tip.height + 1, state.rules);
  if (lapse !== undefined) return lapse;
  const isModel = (digest: Digest) =>
    [...state.models.values()].some(({ record }) => record.digest === digest);
  const orphan = parents.find((parent) => !state.patterns.has(parent) && !isModel(parent));
  return orphan === undefined ? undefined : refusal('unknown-block', `the parent ${orphan}`);
}

/** Why a proposal of one height is not included in a block of another one. */
export function lapseObjection(
  proposedAt: number,
  height: number,
  { expiryHeights }: Pick<ChainRules, 'expiryHeights'>,
): Refusal | undefined {
  if (proposedAt >= height) return refusal('not-yet-valid', `proposed at height ${proposedAt}`);
  if (height - proposedAt <= expiryHeights) return undefined;
  return refusal('expired', `proposed at height ${proposedAt}, ${expiryHeights} before at most`);
}

/**
 * The final patterns that this one supersedes: exactly those that it conflicts with, each by a
 * certified bound that is better by the margin, for as many neighbours. All or none.
 */
function supersededBy(
  { pattern, supersedes }: PatternProposal,
  boundMicros: number,
  state: ChainState,
): Checked<readonly PatternRecord[]> {
  const near = [...state.patterns.values()]
    .map(({ record }) => record)
    .filter(({ supersededBy }) => supersededBy === null)
    .filter((each) => conflicts(each.pattern, pattern, state.rules));
  const unnamed = near.find(({ id }) => !supersedes.includes(id));
  if (unnamed !== undefined) return refused('conflict', `it is too near ${unnamed.id}`);
  const far = supersedes.find((id) => !near.some((each) => each.id === id));
  if (far !== undefined) return refused('conflict', `${far} is not final, or not near`);
  const { marginMicros } = state.rules;
  for (const each of near) {
    if (pattern.k < each.pattern.k) {
      return refused('conflict', `${each.id} is for ${each.pattern.k} neighbours`);
    }
    if (boundMicros < each.boundMicros + marginMicros) {
      const least = each.boundMicros + marginMicros;
      return refused('conflict', `a bound of ${boundMicros}, ${least} supersedes ${each.id}`);
    }
  }
  return checked(near);
}

/**
 * What is forgotten to make room: superseded patterns of which no block could include the proposal
 * again, oldest first.
 */
function placeFor(
  superseded: readonly PatternRecord[],
  { books, patterns, rules, tip }: ChainState,
): Checked<readonly Digest[]> {
  const finals = books.included - books.superseded - superseded.length + 1;
  if (finals > PATTERNS_MAX) return refused('busy', `${PATTERNS_MAX} patterns are final`);
  const excess = books.superseded - books.forgotten + superseded.length - RETIRED_MAX;
  if (excess <= 0) return checked([]);
  const old = [...patterns.values()]
    .map(({ record }) => record)
    .filter(({ supersededBy }) => supersededBy !== null)
    .filter(({ proposedAt }) => tip.height + 1 - proposedAt > rules.expiryHeights)
    .sort((a, b) => a.height - b.height || (a.id < b.id ? -1 : 1))
    .slice(0, excess);
  if (old.length < excess) return refused('busy', `${RETIRED_MAX} superseded patterns are kept`);
  return checked(old.map(({ id }) => id));
}
