// What a site tells of its patterns.

import type { AuditSummary } from './query-audit.ts';

export interface PatternsStatus {
  /** Whether what is learned here may be proposed, and whether final patterns guide searches here. */
  readonly propose: boolean;
  readonly use: boolean;
  /** Final patterns of the chain that this site knows. */
  readonly final: number;
  /** Those among them that searches here may be guided by. */
  readonly used: number;
  /** Patterns that this site does not search by. */
  readonly vetoed: number;
  /** Searches since the start whose width a pattern said. */
  readonly guided: number;
  /** Queries since the start. */
  readonly asked: number;
  /** Recall as people got it; null before the first audit. */
  readonly audit: AuditSummary | null;
  /** The last learning since the start. */
  readonly learned: {
    readonly queries: number;
    readonly patterns: number;
    readonly candidates: number;
  } | null;
}
