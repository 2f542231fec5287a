// What a run's versions came to, as the fold of the log: their lineage and measures, which one is
// pinned, when the run ends early, what is to be restored.

import type { RecordedEvent } from '../events.ts';
import type { StoppingRule } from './stopping-rule.ts';

export interface ModelRegistry {
  /** When the planned run ends before its last round; null for never. */
  stopping: StoppingRule | null;
}

export function emptyRegistry(): ModelRegistry {
  return { stopping: null };
}

/** A run that is planned anew has a rule of its own. */
export function foldRunPlan(
  registry: ModelRegistry,
  { payload }: RecordedEvent & { readonly type: 'run-planned' },
): void {
  registry.stopping = payload.stopping;
}
