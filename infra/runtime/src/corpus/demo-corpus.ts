// What the demo's sites hold: the installed packages' declarations, or a folder of the user's own.

import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, dealPackages, type PackagePairs } from '@starling/peer';
import { RuntimeError } from '../runtime-error.ts';
import { pairsOf, readDocuments } from './documents.ts';
import { textFiles } from './text-files.ts';

const DECLARATION_ENDINGS = ['.ts', '.mts', '.cts'];
/** A site with fewer documents has nothing to hold out. */
export const SITE_DOCUMENTS_MIN = 50;
export const SITES_MIN = 3;
export const SITES_MAX = 20;

export interface DemoSite {
  readonly name: string;
  /** Packages or folders that lie here and nowhere else. */
  readonly holds: readonly string[];
  readonly documents: readonly Omit<Document, 'id'>[];
}

export interface DemoCorpus {
  readonly source: string;
  readonly sites: readonly DemoSite[];
  /** SHA3-256 over every site's documents in order. */
  readonly digest: string;
}

/**
 * Documented declarations of every package below a pnpm `node_modules`, dealt to sites so that no
 * two hold the same package.
 */
export async function installedPackagesCorpus(
  nodeModules: string,
  siteCount: number,
): Promise<DemoCorpus> {
  checkSiteCount(siteCount);
  const packages: PackagePairs[] = [];
  for (const { name, folder } of await installedPackages(nodeModules)) {
    const pairs = [];
    for await (const file of textFiles(folder, DECLARATION_ENDINGS)) {
      if (/\.d\.[cm]?ts$/.test(file.path)) pairs.push(...pairsOf(file));
    }
    if (pairs.length > 0) packages.push({ name, pairs });
  }
  const sites = dealPackages(packages, siteCount).map(({ packages: holds, pairs }, i) => ({
    name: `team-${i + 1}`,
    holds,
    documents: pairs.map((pair) => ({ ...pair, source: 'installed packages' })),
  }));
  return finished('installed packages', nodeModules, sites);
}

/** A folder of the user's: a first-level folder each is a site, or files are dealt by hash. */
export async function folderCorpus(
  folder: string,
  siteCount: number | undefined,
): Promise<DemoCorpus> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries
    .filter((entry) => entry.isDirectory() && isSiteFolder(entry.name))
    .map(({ name }) => name)
    .sort();
  const perFolder = siteCount === undefined || siteCount === folders.length;
  if (perFolder && folders.length >= SITES_MIN && folders.length <= SITES_MAX) {
    return finished(folder, folder, await sitesByFolder(folder, folders));
  }
  const count = siteCount ?? 5;
  checkSiteCount(count);
  return finished(folder, folder, await sitesByHash(folder, count));
}

async function sitesByFolder(folder: string, names: readonly string[]): Promise<DemoSite[]> {
  const sites: DemoSite[] = [];
  const taken = new Set<string>();
  for (const name of names) {
    const found = await readDocuments(join(folder, name)).catch(adviseDealing);
    const documents = found.filter(({ answer }) => !taken.has(answer));
    for (const { answer } of documents) taken.add(answer);
    sites.push({ name: siteNameOf(name, sites), holds: [name], documents });
  }
  return sites;
}

/** A folder of several that cannot be a site of its own: the files can still be dealt. */
function adviseDealing(error: unknown): never {
  if (!(error instanceof RuntimeError)) throw error;
  const message = `${error.message}; or deal all files to sites by hash with --sites N`;
  throw new RuntimeError(error.code, message, { cause: error });
}

async function sitesByHash(folder: string, count: number): Promise<DemoSite[]> {
  const dealt: Omit<Document, 'id'>[][] = Array.from({ length: count }, () => []);
  const files = Array.from({ length: count }, () => new Set<string>());
  for (const document of await readDocuments(folder)) {
    const site = createHash('sha3-256').update(document.source).digest().readUInt32BE() % count;
    dealt[site]?.push(document);
    files[site]?.add(document.source);
  }
  return dealt.map((documents, i) => ({
    name: `site-${i + 1}`,
    holds: [...(files[i] ?? [])],
    documents,
  }));
}

function finished(source: string, folder: string, sites: readonly DemoSite[]): DemoCorpus {
  for (const { name, documents } of sites) {
    if (documents.length >= SITE_DOCUMENTS_MIN) continue;
    const message =
      `${folder}: ${name} would hold ${documents.length} documents, ` +
      `at least ${SITE_DOCUMENTS_MIN} are needed to hold some out; use fewer sites or more text`;
    throw new RuntimeError('invalid-corpus', message);
  }
  const hash = createHash('sha3-256');
  for (const { documents } of sites) {
    for (const { query, answer } of documents) hash.update(JSON.stringify([query, answer]));
  }
  return { source, sites, digest: hash.digest('hex') };
}

/** Real folders of all packages in a pnpm store layout; links to the same package are left out. */
async function installedPackages(
  nodeModules: string,
): Promise<{ readonly name: string; readonly folder: string }[]> {
  const store = join(nodeModules, '.pnpm');
  const found: { name: string; folder: string }[] = [];
  const versions = await readdir(store).catch((cause: unknown) => {
    const message = `${store} is missing: the default corpus needs "pnpm install", or use --corpus`;
    throw new RuntimeError('invalid-corpus', message, { cause });
  });
  for (const version of versions.sort()) {
    const folder = join(store, version, 'node_modules');
    for (const name of await realFolders(folder)) {
      if (!name.startsWith('@')) {
        found.push({ name, folder: join(folder, name) });
        continue;
      }
      for (const scoped of await realFolders(join(folder, name))) {
        found.push({ name: `${name}/${scoped}`, folder: join(folder, name, scoped) });
      }
    }
  }
  return found;
}

async function realFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== '.bin')
    .map(({ name }) => name)
    .sort();
}

function isSiteFolder(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules';
}

/** The folder's name as a site's, which no other site has. */
function siteNameOf(folder: string, others: readonly DemoSite[]): string {
  const cleaned = folder.replace(/[^a-zA-Z0-9._-]/g, '-').replace(/^[^a-zA-Z0-9]+/, '');
  const name = cleaned === '' ? 'site' : cleaned.slice(0, 60);
  const isFree = (candidate: string) => others.every((other) => other.name !== candidate);
  if (cleaned !== '' && isFree(name)) return name;
  for (let n = others.length + 1; ; n++) if (isFree(`${name}-${n}`)) return `${name}-${n}`;
}

function checkSiteCount(count: number): void {
  if (Number.isInteger(count) && count >= SITES_MIN && count <= SITES_MAX) return;
  const message = `--sites is ${count}: a whole number from ${SITES_MIN} to ${SITES_MAX}`;
  throw new RuntimeError('invalid-option', message);
}
