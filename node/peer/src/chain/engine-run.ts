// The engine that the rules of a chain name, over one epoch.

import type { ChainRun } from './chain-run.ts';
import type { EpochParts } from './epoch-host.ts';
import { EpochRun } from './epoch-run.ts';
import { SnowJournal, type SnowRecords } from './snow-journal.ts';
import { SnowRun } from './snow-run.ts';

/** @throws {RangeError} when the rules are not safe for these members, numbers included. */
export function startEngine(parts: EpochParts, records: SnowRecords): ChainRun {
  const { engine } = parts.decided.state.rules;
  if (engine.kind === 'simplex') return new EpochRun(parts);
  const snowJournal = new SnowJournal(parts.journal, parts.terms.epoch);
  return new SnowRun({ ...parts, engine, records, snowJournal });
}
