// Whether the decision logs of several sites are one and the same history.

import type { ChainDecision } from '@starling/peer';

export interface Agreement {
  /** Highest height that every site has decided. */
  readonly common: number;
  /** Heights that at least two sites remember, and so could be compared. */
  readonly compared: number;
  /** What no two honest sites may show: in words, with the names of both. */
  readonly conflicts: readonly string[];
}

/** Compares blocks and state roots height by height, and looks for an entry that was decided twice. */
export function agreementOf(logs: ReadonlyMap<string, readonly ChainDecision[]>): Agreement {
  const first = new Map<number, { readonly site: string; readonly decision: ChainDecision }>();
  const compared = new Set<number>();
  const conflicts: string[] = [];
  for (const [site, decisions] of logs) {
    for (const decision of decisions) {
      const { height } = decision;
      const known = first.get(height);
      if (known === undefined) first.set(height, { site, decision });
      else {
        compared.add(height);
        if (isSame(known.decision, decision)) continue;
        conflicts.push(`height ${height} differs between ${known.site} and ${site}`);
      }
    }
    conflicts.push(...decidedTwice(site, decisions));
  }
  const tops = [...logs.values()].map((decisions) => decisions.at(-1)?.height ?? 0);
  return { common: Math.min(...tops), compared: compared.size, conflicts };
}

function isSame(a: ChainDecision, b: ChainDecision): boolean {
  return a.block === b.block && a.stateRoot === b.stateRoot;
}

function decidedTwice(site: string, decisions: readonly ChainDecision[]): string[] {
  const heights = new Map<string, number>();
  const found: string[] = [];
  for (const { entries, height } of decisions) {
    for (const { id, kind } of entries) {
      const before = heights.get(id);
      if (before !== undefined)
        found.push(`${site} decided ${kind} ${id} at ${before} and ${height}`);
      heights.set(id, height);
    }
  }
  return found;
}
