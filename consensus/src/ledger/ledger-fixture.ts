// A chain with signatures and digests that cost nothing, for tests: a signature names its signer, the
// type and the body, so a forged one is told from a real one.

import {
  type AttestationVerdict,
  type CborValue,
  type ChainBlock,
  type ChainEntry,
  type ChainRules,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  equalBytes,
  type MemberId,
  type MembershipEntry,
  type ModelEntry,
  type Pattern,
  type PatternEntry,
  type PatternProposal,
  refused,
  type SettingEntry,
} from '@starling/shared';
import { applyBlock, buildBlock } from './apply-block.ts';
import { type ChainState, openChain } from './chain-state.ts';
import type { SignedClaim } from './claims.ts';
import type { BlockRules } from './inclusion.ts';
import type { OpenedRoster } from './membership.ts';

export const hex = (value: number) => value.toString(16).padStart(64, '0');
export const memberOf = (place: number) => hex(place + 1) as MemberId;
const placesOf = ({ membership }: ChainState) =>
  membership.members.map(({ member }) => Number.parseInt(member, 16) - 1);

/** 64 bits of FNV-1a in two lanes, stretched to the length of a digest. */
export function toyDigest(bytes: Uint8Array): Digest {
  let left = 0x811c9dc5;
  let right = 0x9e3779b1;
  for (const byte of bytes) {
    left = Math.imul(left ^ byte, 0x01000193);
    right = Math.imul(right ^ byte, 0x85ebca6b);
  }
  let text = '';
  for (let word = 0; word < 8; word++) {
    left = Math.imul(left ^ (left >>> 15), 0x85ebca6b);
    right = Math.imul(right ^ (right >>> 13), 0xc2b2ae35);
    text += ((left ^ (right >>> 16)) >>> 0).toString(16).padStart(8, '0');
  }
  return text as Digest;
}

export function toySignature(claim: Omit<SignedClaim, 'signature'>): Uint8Array {
  const { body, member, type } = claim;
  const digest = toyDigest(encodeCanonical({ body, member, type }));
  return Uint8Array.from([0, 2, 4, 6], (at) => Number.parseInt(digest.slice(at, at + 2), 16));
}

/** The bytes of a roster; the administrators of this world sign by being asked. */
export function rosterBytes(seq: number, places: readonly number[]): Uint8Array {
  return encodeCanonical({ places: [...places], seq });
}

function openRoster(bytes: Uint8Array) {
  const decoded = decodeCanonical(bytes, 1 << 20);
  if (!decoded.ok) return refused('bad-signature', decoded.detail);
  const { places, seq } = decoded.value as { places?: number[]; seq?: number };
  if (places === undefined || seq === undefined) return refused('bad-signature', 'no roster');
  return { ok: true, value: openedRoster(seq, places) } as const;
}

function openedRoster(seq: number, places: readonly number[]): OpenedRoster {
  return {
    digest: toyDigest(rosterBytes(seq, places)),
    peers: places.map((place) => {
      return { formerly: null, member: memberOf(place), publicKey: Uint8Array.of(place) };
    }),
    seq,
  };
}

export const TOY_RULES: BlockRules = {
  digestOf: toyDigest,
  isSigned: ({ signature, ...claim }) => equalBytes(toySignature(claim), signature),
  openRoster,
};

const POLL = { alphaConfidence: 3, alphaPreference: 3, beta: 3, k: 4 };

export const CHAIN_RULES: ChainRules = {
  attestQueriesMin: 50,
  centroidScale: 127,
  checkpointEvery: 256,
  conflictRadius: 100,
  costRatioMicros: 1_050_000,
  dimension: 4,
  engine: { kind: 'simplex' },
  expiryHeights: 100,
  marginMicros: 10_000,
  metric: 'cosine',
  poll: POLL,
  recallSlackMicros: 20_000,
};

interface ChainOptions {
  readonly rules?: Partial<ChainRules>;
  /** By place; 1 for everyone else. */
  readonly weights?: readonly number[];
}

/** A fresh chain of `members` members. */
export function newChain(members: number, { rules, weights = [] }: ChainOptions = {}): ChainState {
  const roster = openedRoster(
    1,
    Array.from({ length: members }, (_, place) => place),
  );
  const genesis = {
    collection: 'documents',
    roster: roster.digest,
    rules: { ...CHAIN_RULES, ...rules },
    weights: weights.map((weight, place) => ({ member: memberOf(place), weight })),
  };
  const state = openChain({ genesis, id: hex(0x9e) as Digest, roster }, toyDigest);
  if (!state.ok) throw new Error(state.refusal.detail);
  return state.value;
}

export const PATTERN: Pattern = {
  centroid: Uint8Array.of(10, 20, 30, 40),
  collection: 'documents',
  cost: 900,
  efSearch: 64,
  expectedRecallMicros: 900_000,
  k: 10,
  queries: 80,
  radius: 90,
};

interface PatternOptions {
  readonly author?: number;
  /** Bound that accepting members measured; by place, or the same for all. */
  readonly bounds?: number | readonly number[];
  readonly height?: number;
  readonly parents?: readonly Digest[];
  readonly pattern?: Partial<Pattern>;
  readonly supersedes?: readonly Digest[];
  /** By place, `undefined` for silence; everyone accepts when absent. */
  readonly verdicts?: readonly (AttestationVerdict | undefined)[];
}

export function patternEntry(state: ChainState, options: PatternOptions = {}): PatternEntry {
  const { bounds = 900_000, height = state.tip.height, verdicts } = options;
  const places = placesOf(state);
  const proposal: PatternProposal = {
    author: memberOf(options.author ?? places[0] ?? 0),
    height,
    parents: [...(options.parents ?? [])].sort(),
    pattern: { ...PATTERN, ...options.pattern },
    supersedes: [...(options.supersedes ?? [])].sort(),
  };
  const said = verdicts ?? places.map(() => 'accept' as const);
  const measured = said.flatMap((verdict, i) => {
    const place = places[i];
    if (verdict === undefined || place === undefined) return [];
    const bound = typeof bounds === 'number' ? bounds : (bounds[i] ?? 900_000);
    return [{ member: memberOf(place), ...measurementFor(verdict, bound) }];
  });
  return signedPattern(proposal, measured);
}

export type Attested = Omit<PatternEntry['attestations'][number], 'signature'>;

/** An entry of this proposal and these measurements, each signed by whom it names. */
export function signedPattern(
  proposal: PatternProposal,
  measured: readonly Attested[],
): PatternEntry {
  const body = encodeCanonical(proposal as CborValue);
  const attestations = measured.map(({ member, ...rest }) => {
    const { collection } = proposal.pattern;
    const said = encodeCanonical({ ...rest, collection, proposal: toyDigest(body) });
    const claim = { body: said, member, type: 'pattern-attestation' } as const;
    return { ...rest, member, signature: toySignature(claim) };
  });
  const claim = { body, member: proposal.author, type: 'pattern-proposal' } as const;
  return { attestations, kind: 'pattern', proposal, signature: toySignature(claim) };
}

export const idOf = ({ proposal }: PatternEntry | SettingEntry) =>
  toyDigest(encodeCanonical(proposal as CborValue));

export function measurementFor(verdict: AttestationVerdict, recallBoundMicros: number) {
  const costRatioMicros = verdict === 'reject' ? 1_050_001 : 1_000_000;
  const queries = verdict === 'abstain' ? 10 : 60;
  return { costRatioMicros, queries, recallBoundMicros, recallMicros: 1_000_000, verdict };
}

interface ModelOptions {
  readonly base?: Digest;
  readonly digest?: Digest;
  readonly membership?: Digest;
  readonly signers?: readonly number[];
  readonly version?: number;
}

export const modelDigest = (version: number) => hex(0xde0 + version) as Digest;

export function modelEntry(
  state: ChainState,
  baseVersion: number,
  options: ModelOptions = {},
): ModelEntry {
  const version = options.version ?? baseVersion + 1;
  const body = encodeCanonical({
    base: options.base ?? modelDigest(baseVersion),
    model: options.digest ?? modelDigest(version),
    plan: hex(0xa1),
    round: version,
    updates: hex(0xa2),
    version,
  });
  const signers = options.signers ?? placesOf(state);
  const signatures = signers.map(memberOf).map((member) => {
    return { member, signature: toySignature({ body, member, type: 'model-vote' }) };
  });
  const membership = options.membership ?? state.membership.digest;
  const certificate = { body, signatures };
  return { baseVersion, certificate, kind: 'model', membership, model: 'encoder', version };
}

interface SettingOptions {
  readonly approvers?: readonly number[];
  readonly author?: number;
  readonly base?: number;
  readonly collection?: string;
  readonly name?: string;
  readonly value?: string;
}

export function settingEntry(state: ChainState, options: SettingOptions = {}): SettingEntry {
  const { base = 0, collection = 'documents' } = options;
  const author = options.author ?? placesOf(state)[0] ?? 0;
  const { name = 'topology', value = 'ring' } = options;
  const proposal = { author: memberOf(author), base, collection, name, value };
  const body = encodeCanonical(proposal);
  const said = encodeCanonical({ collection, proposal: toyDigest(body) });
  const places = options.approvers ?? placesOf(state);
  const approvals = places.map(memberOf).map((member) => {
    return { member, signature: toySignature({ body: said, member, type: 'setting-approval' }) };
  });
  const claim = { body, member: proposal.author, type: 'setting-proposal' } as const;
  return { approvals, kind: 'setting', proposal, signature: toySignature(claim) };
}

export function membershipEntry(seq: number, places: readonly number[]): MembershipEntry {
  return { kind: 'membership', roster: rosterBytes(seq, places) };
}

/** The next block on a state by its first member. @throws when an entry is refused */
export function blockOn(state: ChainState, entries: readonly ChainEntry[]): ChainBlock {
  const leader = state.membership.members[0]?.member ?? memberOf(0);
  const block = buildBlock(state, { entries, leader, view: state.tip.view + 1 }, TOY_RULES);
  if (!block.ok) throw new Error(`${block.refusal.reason}: ${block.refusal.detail}`);
  return block.value;
}

/** The state behind a block with these entries. @throws when one is refused */
export function extended(state: ChainState, ...entries: readonly ChainEntry[]): ChainState {
  const behind = applyBlock(state, blockOn(state, entries), TOY_RULES);
  if (!behind.ok) throw new Error(`${behind.refusal.reason}: ${behind.refusal.detail}`);
  return behind.value;
}
