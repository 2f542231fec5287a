// What the two kinds of nodes of the decision tree have in common, and the votes handed down.

import type { Digest } from '@starling/shared';
import { type Bit, bitOf, firstDifference } from './bits.ts';
import type { SnowInstance, StartInstance } from './snow-instance.ts';

/** Votes for one choice. */
export interface VoteCount {
  readonly choice: Digest;
  readonly count: number;
}

export interface TreeRules {
  readonly alphaPreference: number;
  readonly start: StartInstance;
}

/** What a poll made of a node: itself, or what stands in its place now that it is decided. */
export interface PolledNode {
  readonly node: TreeNode;
  readonly successful: boolean;
}

export interface TreeNode {
  /** The choice preferred at every branch below. */
  readonly preference: Digest;
  /** Bits before this one are taken as decided: the votes handed down agree on them. */
  readonly decidedPrefix: number;
  readonly finalized: boolean;
  /** Takes in one more choice and returns what stands in this node's place. */
  add(choice: Digest): TreeNode;
  /** `shouldReset`: a poll above failed since the last visit, so it failed here as well. */
  recordPoll(votes: readonly VoteCount[], shouldReset: boolean): PolledNode;
  describe(): TreeNodeView;
}

/** A node for people and tests. */
export interface TreeNodeView {
  /** Bits [from, to) that it decides. */
  readonly bits: readonly [number, number];
  /** The preferred bit where there is a choice. */
  readonly preferred: Bit | undefined;
  /** Polls won: of the range, or of bit 0 and of bit 1. */
  readonly strengths: readonly number[];
  readonly confidence: readonly number[];
  readonly finalized: boolean;
  readonly children: readonly TreeNodeView[];
}

export function sizeOf(votes: readonly VoteCount[]): number {
  let size = 0;
  for (const { count } of votes) size += count;
  return size;
}

/** The votes that agree with `preference` in the bits [from, to). */
export function filterVotes(
  votes: readonly VoteCount[],
  from: number,
  to: number,
  preference: Digest,
): readonly VoteCount[] {
  if (from >= to) return votes;
  return votes.filter(({ choice }) => firstDifference(from, to, choice, preference) === undefined);
}

/** The votes with a 0 and those with a 1 at bit `index`. */
export function splitVotes(
  votes: readonly VoteCount[],
  index: number,
): readonly [readonly VoteCount[], readonly VoteCount[]] {
  const halves: [VoteCount[], VoteCount[]] = [[], []];
  for (const vote of votes) halves[bitOf(vote.choice, index)].push(vote);
  return halves;
}

export function describeInstance<Choice>(
  instance: SnowInstance<Choice>,
  choices: readonly Choice[],
): Pick<TreeNodeView, 'strengths' | 'confidence' | 'finalized'> {
  const { confidence, finalized } = instance;
  const strengths = choices.map((choice) => instance.strengthOf(choice));
  return { strengths, confidence: [...confidence], finalized };
}
