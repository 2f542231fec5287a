import type { Finding } from '../observe/finding.ts';
import type { Damage } from './damage-report.ts';

/** What a repair does. */
export const REPAIR_ACTIONS = [
  'relink-rows',
  'sweep-links',
  'rebuild-graph',
  'rewrite-log-head',
  'cut-log',
  'remove-queries',
] as const;

export type RepairAction = (typeof REPAIR_ACTIONS)[number];

export interface RepairStep {
  readonly action: RepairAction;
  /** File or segment. */
  readonly file: string;
  readonly detail: string;
  /** Copies of what was replaced; remove them when they are no longer needed. */
  readonly keptAs: readonly string[];
}

export interface RepairReport {
  /** What was done; with `dryRun` what would be. */
  readonly steps: readonly RepairStep[];
  /** What cannot be repaired, or not without consent; then no file was changed. */
  readonly refused: readonly Damage[];
  /** What was wrong before, and what still is; equal with `dryRun`. */
  readonly damagesBefore: readonly Damage[];
  readonly damagesAfter: readonly Damage[];
  /** What an inspection found before, as far as the rows could be read, and after. */
  readonly findingsBefore: readonly Finding[];
  readonly findingsAfter: readonly Finding[];
  readonly outcome: RepairOutcome;
}

/** `not-helped`: as much is wrong as before; the damages and findings say what else to do. */
export type RepairOutcome =
  | 'sound'
  | 'repaired'
  | 'improved'
  | 'not-helped'
  | 'refused'
  | 'planned';

/** How a repair went, told from what was wrong before and after. */
export function outcomeOf(report: Omit<RepairReport, 'outcome'>): RepairOutcome {
  if (report.refused.length > 0) return 'refused';
  const before = report.damagesBefore.length + report.findingsBefore.length;
  const after = report.damagesAfter.length + report.findingsAfter.length;
  if (after === 0) return before === 0 ? 'sound' : 'repaired';
  return after < before ? 'improved' : 'not-helped';
}
