// The coordinator that leads: its channel, its rounds, its local API, over a log that is open.

import { randomBytes } from 'node:crypto';
import { type NatsPayloads, openSqlitePeerStore } from '@starling/adapters';
import { Coordinator, type CoordinatorTurn } from '@starling/coordinator';
import {
  type Digest,
  type EventLog,
  type FederationId,
  type SnapshotStore,
  toMicros,
} from '@starling/shared';
import { copyStores, MARKS_FILE } from './backup/store-copies.ts';
import { lookAtLog } from './coordinator-log.ts';
import { type CurrentStanding, standingBy } from './http/standing.ts';
import { coordinatorApi } from './local-api/coordinator-api.ts';
import { serveLocally } from './local-api/serve-locally.ts';
import { openWorld } from './open-world.ts';
import type { CoordinatorConfig } from './site-config.ts';
import type { SiteFolder } from './site-folder.ts';

export interface CoordinatorParts {
  readonly config: CoordinatorConfig;
  readonly eventLog: EventLog;
  readonly federation: FederationId;
  readonly folder: SiteFolder;
  /** Where its state is kept, so that a start replays less of the log. */
  readonly snapshots: SnapshotStore;
  /** Where what it offers is kept for others that may lead. */
  readonly kept?: NatsPayloads;
  /** Told when it leads and when it no longer does. */
  readonly standing: CurrentStanding;
  readonly startingModel: Float32Array;
}

export interface ServingCoordinator {
  readonly coordinator: Coordinator;
  stop(): Promise<void>;
}

/** Leads until `stop`. @throws as {@link Coordinator.start}, or when its port is taken */
export async function serveCoordinator(
  parts: CoordinatorParts,
  turn?: CoordinatorTurn,
): Promise<ServingCoordinator> {
  const { config, eventLog, federation, folder, kept, snapshots, standing } = parts;
  const { home } = folder;
  // What was opened before a failure is closed, or the process would stay.
  await using opened = new AsyncDisposableStack();
  const marks = opened.adopt(openSqlitePeerStore(home, MARKS_FILE), (it) => it.stop());
  const world = opened.adopt(await openWorld(folder, federation), (it) => it.stop());
  const payloads = kept === undefined ? world.payloads : kept.beside(world.payloads);
  const coordinator = await Coordinator.start(
    {
      ...world,
      eventLog,
      marks,
      nonce: () => randomBytes(32).toString('hex') as Digest,
      payloads,
      snapshots,
      startingModel: parts.startingModel,
    },
    {
      chainEngine: config.chainEngine,
      schedule: config.schedule,
      republishMs: config.republishMs,
      rosterLifeMs: config.rosterLifeMs,
      snapshotEveryEvents: config.snapshotEveryEvents,
      stopping: stoppingRule(config),
      tickMs: config.tickMs,
      verifiableRounds: config.verifiableRounds,
    },
    turn,
  );
  opened.adopt(coordinator, (it) => it.stop());
  world.followRound(() => coordinator.desk.round);
  const { logger, meter } = world;
  const stopping = new AbortController();
  // Meanwhile members that ask for what is not here yet ask again.
  const bringing = kept?.bringTo(world.payloads, stopping.signal).catch((error: unknown) => {
    logger.warn('not all payloads were brought', { detail: String(error) });
  });
  opened.defer(async () => {
    stopping.abort();
    await bringing;
  });
  opened.adopt(
    await serveLocally(home, 'coordinator', (token) =>
      coordinatorApi({
        ...{ coordinator, eventLog, logger, meter, payloads, token },
        copyStores: () => copyStores(home, { stores: { [MARKS_FILE]: marks }, eventLog }),
        lookAtLog: () => lookAtLog(home, config.log),
      }),
    ),
    (it) => it.stop(),
  );
  standing.set({ kind: 'leads', coordinator, eventLog, meter, payloads });
  opened.defer(() => standing.set(standingBy('no longer leads')));
  const running = opened.move();
  return { coordinator, stop: () => running.disposeAsync() };
}

function stoppingRule({ stopping }: CoordinatorConfig) {
  if (stopping === null) return null;
  const { metric, minDelta, patience } = stopping;
  return { metric, minDeltaMicros: toMicros(minDelta), patience };
}
