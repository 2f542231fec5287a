// What the demo's users do: every site is asked the queries of its own training documents, learns
// from them, and proposes what it learned.

import { splitOf } from '@starling/peer';
import type { LearnView } from '../chain-view.ts';
import type { DemoSite } from '../corpus/demo-corpus.ts';
import type { LocalClient } from '../local-api/local-client.ts';

/** Queries that one site is asked; more only cost time. */
export const OWN_QUERIES_MAX = 1_500;
/** Searches that one site has to answer at a time. */
const AT_A_TIME = 4;
const HITS = 10;

export interface SiteLearning extends LearnView {
  readonly site: string;
  /** Searches that it answered. */
  readonly asked: number;
}

/** Queries of a site's training split, as its users would ask them. */
export function ownQueries({ documents }: Pick<DemoSite, 'documents'>, seed: number): string[] {
  const queries = documents
    .filter(({ answer, query }) => query !== '' && splitOf(answer, seed) === 'train')
    .map(({ query }) => query);
  return queries.slice(0, OWN_QUERIES_MAX);
}

/** Asks them one after the other over several connections, then has the site learn. */
export async function askAndLearn(
  site: string,
  client: LocalClient,
  queries: readonly string[],
  signal: AbortSignal,
): Promise<SiteLearning> {
  const rest = queries.values();
  const askers = Array.from({ length: AT_A_TIME }, async () => {
    for (const query of rest) {
      signal.throwIfAborted();
      await client.search(query, HITS);
    }
  });
  await Promise.all(askers);
  return { site, asked: queries.length, ...(await client.learnPatterns()) };
}
