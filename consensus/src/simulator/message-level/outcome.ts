// What came of a run at message level: who decided what and when, and whether anybody disagrees.

import type { Digest } from '@starling/shared';
import type { Decision } from './node-store.ts';

export interface DecidedMember {
  readonly member: number;
  /** By ascending height. */
  readonly decisions: readonly Decision[];
}

/** Two honest members that decided differently at one height. */
export interface Violation {
  readonly height: number;
  readonly members: readonly [number, number];
  readonly blocks: readonly [Digest, Digest];
}

export interface MessageLevelOutcome {
  readonly seed: number;
  readonly members: number;
  readonly byzantine: readonly number[];
  /** Honest members only. */
  readonly decided: readonly DecidedMember[];
  readonly violations: readonly Violation[];
  /** Honest members that did not reach the height in time. */
  readonly undecided: readonly number[];
  /** Of what was sent, lost or not. */
  readonly messages: number;
  readonly bytes: number;
  /** What the engine was told: votes, blocks, certificates, timers. */
  readonly events: number;
  /** Contradictions that honest members can prove. */
  readonly evidence: number;
  readonly simulatedMs: number;
  /** Sixteen hexadecimal digits over all decisions with their times, and the number of messages. */
  readonly digest: string;
}

/** The first disagreement at each height. */
export function violationsAmong(decided: readonly DecidedMember[]): Violation[] {
  const violations: Violation[] = [];
  const first = new Map<number, { member: number; block: Digest }>();
  const disputed = new Set<number>();
  for (const { member, decisions } of decided) {
    for (const { height, block } of decisions) {
      const before = first.get(height);
      if (before === undefined) first.set(height, { member, block });
      else if (before.block !== block && !disputed.has(height)) {
        disputed.add(height);
        const blocks = [before.block, block] as const;
        violations.push({ height, members: [before.member, member], blocks });
      }
    }
  }
  return violations;
}

/** FNV-1a in two lanes. */
export function digestOfRun(decided: readonly DecidedMember[], messages: number): string {
  let [low, high] = [0x811c9dc5, 0xcbf29ce4];
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
      high = Math.imul(high ^ text.charCodeAt(i), 0x01000197);
    }
  };
  for (const { member, decisions } of decided) {
    for (const { height, block, atMs } of decisions) add(`${member} ${height} ${block} ${atMs};`);
  }
  add(`${messages}`);
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
