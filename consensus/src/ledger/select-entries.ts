// Which entries a leader puts into its block, and in which order. Leaders may choose as they like;
// honest ones with the same pool choose the same.

import {
  BLOCK_BYTES_MAX,
  type CborValue,
  type ChainEntry,
  type Digest,
  ENTRIES_MAX,
  encodeCanonical,
  type MembershipEntry,
  type ModelEntry,
  type PatternEntry,
  type SettingEntry,
} from '@starling/shared';
import { certifiedBound } from './attestations.ts';
import type { ChainState } from './chain-state.ts';
import { type BlockRules, include, inclusionObjection } from './inclusion.ts';
import { StateDraft } from './state-change.ts';

/** Bytes of a block beside its entries. */
export const BLOCK_FRAME_BYTES = 1024;

export interface SelectionOptions {
  readonly bytesMax?: number;
  readonly entriesMax?: number;
  /** Patterns that polls prefer, by id; they come first, so their rivals do not come in. */
  readonly preferred?: readonly Digest[];
}

/**
 * The entries of the next block: settings, models by version, patterns (the preferred ones first,
 * then by certified bound, the lower id among equals), and last the newest roster, whose place is
 * kept free. What a rule or a limit refuses is left out.
 */
export function selectEntries(
  state: ChainState,
  pool: readonly ChainEntry[],
  rules: BlockRules,
  options: SelectionOptions = {},
): readonly ChainEntry[] {
  const { bytesMax = BLOCK_BYTES_MAX, entriesMax = ENTRIES_MAX, preferred = [] } = options;
  const last = newestRoster(state, pool, rules);
  const draft = new StateDraft(state);
  const chosen: ChainEntry[] = [];
  let room = bytesMax - BLOCK_FRAME_BYTES - (last === undefined ? 0 : sizeOf(last));
  const places = entriesMax - (last === undefined ? 0 : 1);
  for (const entry of inOrder(pool, preferred, rules)) {
    if (chosen.length >= places) break;
    const bytes = sizeOf(entry);
    if (bytes > room || include(entry, draft, rules) !== undefined) continue;
    chosen.push(entry);
    room -= bytes;
  }
  return last === undefined || room < 0 ? chosen : [...chosen, last];
}

function inOrder(
  pool: readonly ChainEntry[],
  preferred: readonly Digest[],
  { digestOf }: BlockRules,
): readonly ChainEntry[] {
  const settings = pool.filter((entry): entry is SettingEntry => entry.kind === 'setting');
  const models = pool.filter((entry): entry is ModelEntry => entry.kind === 'model');
  const patterns = pool.filter((entry): entry is PatternEntry => entry.kind === 'pattern');
  const ranks = new Map(preferred.map((id, rank) => [id, rank]));
  const ranked = patterns.map((entry) => {
    const id = digestOf(encodeCanonical(entry.proposal as CborValue));
    const bound = certifiedBound(entry.attestations);
    return { bound, entry, id, rank: ranks.get(id) ?? preferred.length };
  });
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      b.bound - a.bound ||
      byText(a.id, b.id) ||
      b.entry.attestations.length - a.entry.attestations.length,
  );
  return [
    ...settings.sort((a, b) => byText(settingOrder(a), settingOrder(b))),
    ...models.sort((a, b) => a.baseVersion - b.baseVersion),
    ...ranked.map(({ entry }) => entry),
  ];
}

/** Fewest-based first, then by who proposes what. */
function settingOrder({ proposal: { author, base, name, value } }: SettingEntry): string {
  return [name, String(base).padStart(16, '0'), author, value].join('\n');
}

function newestRoster(
  state: ChainState,
  pool: readonly ChainEntry[],
  rules: BlockRules,
): MembershipEntry | undefined {
  let newest: { readonly entry: MembershipEntry; readonly seq: number } | undefined;
  for (const entry of pool) {
    if (entry.kind !== 'membership') continue;
    if (inclusionObjection(entry, state, rules) !== undefined) continue;
    const opened = rules.openRoster(entry.roster);
    if (opened.ok && opened.value.seq > (newest?.seq ?? -1)) {
      newest = { entry, seq: opened.value.seq };
    }
  }
  return newest?.entry;
}

function sizeOf(entry: ChainEntry): number {
  return encodeCanonical(entry as CborValue).byteLength;
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
