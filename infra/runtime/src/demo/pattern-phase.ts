// The demo's last act: users search, sites learn and propose, members measure, the chain decides.

import type { DemoSite } from '../corpus/demo-corpus.ts';
import type { LocalFederation } from '../processes/local-federation.ts';
import { askSites } from './ask-sites.ts';
import type { SiteChain } from './chain-report.ts';
import { askAndLearn, ownQueries, type SiteLearning } from './own-queries.ts';

const POLL_MS = 250;
/** How long the members may take to measure and decide what was proposed. */
const SETTLE_WITHIN_MS = 30_000;
/** A site remembers its newest decisions only. */
const MODELS_LOOKED_AT = 16;

export interface PatternPhase {
  readonly federation: LocalFederation;
  readonly sites: readonly DemoSite[];
  /** Of the splits. */
  readonly seed: number;
  /** Model versions that the chain is to hold in the end. */
  readonly versions: number;
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
  await untilSettled(phase, names);
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
  { federation, signal, versions }: PatternPhase,
  names: readonly string[],
): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    signal.throwIfAborted();
    const chains = await readChains(federation, names);
    if (chains.every((chain) => holdsModels(chain, versions)) && isSettled(chains)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Every proposal that a site knows is decided, or measured by all and known to all. */
function isSettled(chains: readonly SiteChain[]): boolean {
  const ids = new Set(chains.flatMap(({ patterns }) => patterns.patterns.map(({ id }) => id)));
  return chains.every(({ consensus, patterns }) => {
    const { isUndecided, members, pool } = consensus.status;
    if (isUndecided || (pool['model'] ?? 0) > 0 || patterns.patterns.length < ids.size)
      return false;
    return patterns.patterns.every(({ attestations, status }) => {
      if (status === 'attested' || status === 'included') return false;
      return status !== 'proposed' || attestations.length >= members.length;
    });
  });
}

function holdsModels({ consensus }: SiteChain, versions: number): boolean {
  const models = consensus.decisions.flatMap(({ entries }) =>
    entries.filter(({ kind }) => kind === 'model'),
  );
  return models.length >= Math.min(versions, MODELS_LOOKED_AT);
}
