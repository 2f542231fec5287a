// The demo's last act: users search, sites learn and propose, members measure, the chain decides.

import type { DemoSite } from '../corpus/demo-corpus.ts';
import type { LocalFederation } from '../processes/local-federation.ts';
import { askSites } from './ask-sites.ts';
import type { SiteChain } from './chain-report.ts';
import { askAndLearn, ownQueries, type SiteLearning } from './own-queries.ts';

const POLL_MS = 250;
/** How long the members may take to measure and decide what was proposed. */
const SETTLE_WITHIN_MS = 30_000;

export interface PatternPhase {
  readonly federation: LocalFederation;
  readonly sites: readonly DemoSite[];
  /** Of the splits. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

/** Ends when everything proposed is decided, or no site has anything left to say. */
export async function learnTogether(phase: PatternPhase): Promise<SiteLearning[]> {
  const { federation, onNote, seed, signal, sites } = phase;
  const names = sites.map(({ name }) => name);
  const queries = new Map(sites.map((site) => [site.name, ownQueries(site, seed)]));
  const learned = await askSites(federation, names, async (client, name) => {
    const found = await askAndLearn(name, client, queries.get(name) ?? [], signal);
    onNote(
      `${name} answered ${found.asked} searches, learned ${found.learned} patterns, ` +
        `proposed ${found.proposed.length}`,
    );
    return found;
  });
  await untilSettled(
    phase,
    names,
    [...learned.values()].flatMap(({ proposed }) => proposed),
  );
  return [...learned.values()].sort((a, b) => (a.site < b.site ? -1 : 1));
}

/** What every living site says of the chain and of the patterns. */
export async function readChains(
  federation: LocalFederation,
  names: readonly string[],
): Promise<SiteChain[]> {
  const chains = await askSites(federation, names, async (client, site) => {
    return { site, consensus: await client.consensus(), patterns: await client.patterns() };
  });
  return [...chains.values()].sort((a, b) => (a.site < b.site ? -1 : 1));
}

async function untilSettled(
  { federation, signal }: PatternPhase,
  names: readonly string[],
  proposed: readonly string[],
): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    signal.throwIfAborted();
    const chains = await readChains(federation, names);
    if (chains.every((chain) => isSettled(chain, proposed))) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Measured by all, and decided or refused for good. */
function isSettled({ consensus, patterns }: SiteChain, proposed: readonly string[]): boolean {
  const { isUndecided, members, pool } = consensus.status;
  if (isUndecided || (pool['model'] ?? 0) > 0) return false;
  const known = new Map(patterns.patterns.map((pattern) => [pattern.id as string, pattern]));
  return proposed.every((id) => {
    const pattern = known.get(id);
    if (pattern === undefined) return false;
    return pattern.status !== 'proposed' || pattern.attestations.length >= members.length;
  });
}
