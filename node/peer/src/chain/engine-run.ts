// The engine of one epoch: the one that the rules of the chain name, or certificates where polls of
// its members are not safe.

import { type ChainState, engineObjection } from '@starling/consensus';
import type { ChainRun } from './chain-run.ts';
import type { EpochParts } from './epoch-host.ts';
import { startSimplex } from './simplex-hands.ts';
import { SnowJournal, type SnowRecords } from './snow-journal.ts';
import { startSnow } from './snow-run.ts';

export function startEngine(parts: EpochParts, records: SnowRecords): ChainRun {
  const { engine } = parts.decided.state.rules;
  if (engine.kind === 'simplex' || fallbackOf(parts.decided.state) !== undefined) {
    return startSimplex(parts);
  }
  const snowJournal = new SnowJournal(parts.journal, parts.terms.epoch);
  return startSnow({ ...parts, engine, records, snowJournal });
}

/**
 * Why certificates decide an epoch although the rules name polls; undefined where they do not. All
 * members compute it alike, from the rules and their number.
 */
export function fallbackOf({ membership, rules }: ChainState): string | undefined {
  const weights = membership.members.map(({ weight }) => weight);
  const objection = engineObjection(rules.engine, weights.length, weights);
  return objection && `certificates decide this epoch: ${objection}`;
}
