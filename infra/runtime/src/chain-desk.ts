// What the local API asks of a running site's chain and patterns.

import type {
  ConsensusView,
  EvidenceView,
  LearnView,
  PatternsView,
  PatternView,
  SettingView,
} from './chain-view.ts';
import { RuntimeError } from './runtime-error.ts';

/** Ids are digests or unique beginnings of digests. */
export interface ChainDesk {
  consensus(): Promise<ConsensusView>;
  /** @throws {RuntimeError} `request-refused` for an id that names none or several */
  evidence(id: string): Promise<EvidenceView>;
  /** Proposes a value for a setting; it is in force once the members agreed. */
  proposeSetting(name: string, value: string): Promise<SettingView>;
  /** Agrees to a proposed setting. @throws as `evidence` */
  approveSetting(id: string): Promise<SettingView>;
  patterns(): Promise<PatternsView>;
  /** @throws as `evidence` */
  pattern(id: string): Promise<PatternView>;
  /** This site searches by the pattern no more. @throws as `evidence` */
  veto(id: string, reason: string): Promise<PatternView>;
  /** @throws as `evidence`, and for a pattern without a veto */
  unveto(id: string): Promise<PatternView>;
  /** Learns from the queries that were recorded, and proposes when the operator opted in. */
  learn(): Promise<LearnView>;
}

/**
 * The one that an id, or the beginning of one, names.
 * @throws {RuntimeError} `request-refused` when none or several do
 */
export function findByPrefix<T extends { readonly id: string }>(
  what: string,
  all: readonly T[],
  prefix: string,
): T {
  const found = all.filter(({ id }) => id.startsWith(prefix));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const message =
    only === undefined
      ? `this site knows no ${what} ${prefix}`
      : `${found.length} ids begin with ${prefix}: give more digits`;
  throw new RuntimeError('request-refused', message);
}
