import { distinctPairs, type Pair, textHash } from './pairs.ts';

/** Pairs of one package that enter a corpus, so that no package is a site of its own. */
export const PAIRS_PER_PACKAGE_MAX = 1200;
export const SITES_MAX = 1024;

/** The pairs found in all versions of one package. */
export interface PackagePairs {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

export interface SiteCorpus {
  /** Names of the packages dealt here, in the order of dealing. */
  readonly packages: readonly string[];
  /** Distinct by answer. */
  readonly pairs: readonly Pair[];
}

/**
 * Deals packages to sites: largest package first, each to the site with the fewest pairs so far
 * (greedy makespan scheduling, Graham 1969). No two sites hold the same package; equal names are
 * one package; the order of the input does not matter.
 *
 * @param packages pairs by package name
 * @param siteCount 1 … `SITES_MAX`
 * @returns one corpus per site; with fewer packages than sites some are empty
 * @throws RangeError when siteCount is out of range
 */
export function dealPackages(packages: Iterable<PackagePairs>, siteCount: number): SiteCorpus[] {
  if (!(Number.isInteger(siteCount) && siteCount >= 1 && siteCount <= SITES_MAX)) {
    throw new RangeError(`sites must be a whole number 1 … ${SITES_MAX}, got ${siteCount}`);
  }
  const capped = mergedByName(packages).map(({ name, pairs }) => ({ name, pairs: sample(pairs) }));
  capped.sort((a, b) => b.pairs.length - a.pairs.length || (a.name < b.name ? -1 : 1));
  const sites = Array.from({ length: siteCount }, () => ({
    names: [] as string[],
    pairs: [] as Pair[],
  }));
  for (const { name, pairs } of capped) {
    if (pairs.length === 0) continue;
    const smallest = sites.reduce((a, b) => (b.pairs.length < a.pairs.length ? b : a));
    smallest.names.push(name);
    for (const pair of pairs) smallest.pairs.push(pair);
  }
  return sites.map(({ names, pairs }) => ({ packages: names, pairs: distinctPairs(pairs) }));
}

/** Answers sorted by text and pairs by answer, so that the order of the files does not matter. */
function mergedByName(packages: Iterable<PackagePairs>): PackagePairs[] {
  const byName = new Map<string, Pair[]>();
  for (const { name, pairs } of packages) {
    const known = byName.get(name) ?? [];
    for (const pair of pairs) known.push(pair);
    byName.set(name, known);
  }
  return [...byName].map(([name, pairs]) => {
    const sorted = [...pairs].sort((a, b) => order(a.answer, b.answer) || order(a.query, b.query));
    return { name, pairs: distinctPairs(sorted) };
  });
}

/** The cap keeps the pairs with the smallest hashes: an even sample of the package. */
function sample(pairs: readonly Pair[]): readonly Pair[] {
  if (pairs.length <= PAIRS_PER_PACKAGE_MAX) return pairs;
  return pairs
    .map((pair) => ({ pair, hash: textHash(pair.answer, 0) }))
    .sort((a, b) => a.hash - b.hash)
    .slice(0, PAIRS_PER_PACKAGE_MAX)
    .map(({ pair }) => pair);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
