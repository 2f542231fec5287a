// A coordinator's log, folded up to its end: from the newest snapshot on, where there is one.

import type { FederationState } from '@starling/rules';
import type { CoordinatorDependencies, CoordinatorOptions } from './dependencies.ts';
import { FederationLog } from './federation-log.ts';
import { loadSnapshot, Snapshots } from './snapshots.ts';

export interface OpenedLog {
  readonly log: FederationLog;
  /** Undefined where none are kept. */
  readonly snapshots: Snapshots | undefined;
}

/**
 * @param followed what was folded already; no snapshot is loaded then
 * @throws as {@link FederationLog.open}
 */
export async function openLog(
  world: Pick<CoordinatorDependencies, 'clock' | 'eventLog' | 'logger' | 'snapshots'>,
  { snapshotEveryEvents }: Pick<CoordinatorOptions, 'snapshotEveryEvents'>,
  followed: FederationState | undefined,
): Promise<OpenedLog> {
  const { clock, eventLog, logger, snapshots: store } = world;
  if (store === undefined) {
    return { log: await FederationLog.open(eventLog, clock, followed), snapshots: undefined };
  }
  const known = followed ?? (await loadSnapshot(eventLog, store, logger));
  const snapshots = new Snapshots(store, logger, snapshotEveryEvents, known?.head ?? 0);
  return { log: await FederationLog.open(eventLog, clock, known, snapshots), snapshots };
}
