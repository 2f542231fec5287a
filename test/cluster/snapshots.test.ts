// A coordinator begins where its newest snapshot ends; one that does not hold costs a replay.

import { MemoryEventLog, MemorySnapshots } from '@starling/adapters';
import { loadSnapshot } from '@starling/coordinator';
import { decodeEvent, encodeSnapshot, type FederationState, foldEvent } from '@starling/rules';
import { type LogFields, type Logger, NO_LOGGER, type StoredEvent } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { MemoryCluster } from './memory-cluster.ts';

const EVERY_EVENTS = 10;

class WarningLogger implements Pick<Logger, 'warn'> {
  readonly details: string[] = [];

  get logger(): Logger {
    return { ...NO_LOGGER, warn: (_, fields) => this.warn('', fields) };
  }

  warn(_: string, fields?: LogFields): void {
    this.details.push(String(fields?.['detail']));
  }
}

function fold(events: readonly StoredEvent[]): FederationState {
  let state: FederationState | undefined;
  for (const event of events) state = foldEvent(state, decodeEvent(event));
  if (state === undefined) throw new Error('the log is empty');
  return state;
}

function snapshotAt(events: readonly StoredEvent[], seq: number): Uint8Array {
  const newest = events[seq - 1];
  if (newest === undefined) throw new Error(`there is no event ${seq}`);
  return encodeSnapshot(fold(events.slice(0, seq)), newest);
}

async function finished(t: ExecutionContext): Promise<MemoryCluster> {
  const cluster = await MemoryCluster.start(t, { snapshotEveryEvents: EVERY_EVENTS });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  return cluster;
}

test('a restart in the middle of a round goes on from a snapshot, to the state of the whole log', async (t) => {
  const cluster = await MemoryCluster.start(t, { snapshotEveryEvents: EVERY_EVENTS });
  await cluster.coordinator.planRounds(3, 3);
  await cluster.untilEvent('update-received', 5);
  await cluster.stopCoordinator();
  const [newest] = await cluster.snapshots.list();
  t.true(newest !== undefined && newest >= EVERY_EVENTS);
  const read: number[] = [];
  const { read: readAll } = cluster.eventLog;
  cluster.eventLog.read = (from) => {
    read.push(from);
    return readAll.call(cluster.eventLog, from);
  };
  await cluster.startCoordinator();
  t.deepEqual(read, [1, newest, (newest ?? 0) + 1], 'the first, the one it names, the rest');
  await cluster.untilFinished();
  const events = cluster.eventLog.snapshot();
  const state = await loadSnapshot(cluster.eventLog, cluster.snapshots, NO_LOGGER);
  if (state === undefined) return t.fail();
  t.deepEqual(encodeSnapshot(state, last(events, state.head)), snapshotAt(events, state.head));
  t.is((await cluster.coordinator.status()).version, 3);
});

function last(events: readonly StoredEvent[], seq: number): StoredEvent {
  const event = events[seq - 1];
  if (event === undefined) throw new Error(`there is no event ${seq}`);
  return event;
}

test('a damaged snapshot is ignored with a warning, and the one before it serves', async (t) => {
  const cluster = await finished(t);
  const events = cluster.eventLog.snapshot();
  const damaged = snapshotAt(events, 20);
  damaged[500] = (damaged[500] ?? 0) ^ 1;
  const { details, logger } = new WarningLogger();
  const store = new MemorySnapshots([
    { bytes: damaged, seq: 20 },
    { bytes: snapshotAt(events, 12), seq: 12 },
  ]);
  t.is((await loadSnapshot(cluster.eventLog, store, logger))?.head, 12);
  t.is(details.length, 1);
});

test('a snapshot of another log, or of events that this one lacks, is ignored with a warning', async (t) => {
  const [ours, theirs] = [await finished(t), await finished(t)];
  const events = theirs.eventLog.snapshot();
  const store = new MemorySnapshots([
    { bytes: snapshotAt(events, events.length), seq: events.length },
    { bytes: snapshotAt(events, 15), seq: 15 },
  ]);
  const { details, logger } = new WarningLogger();
  const short = new MemoryEventLog(ours.eventLog.snapshot().slice(0, 16));
  t.is(await loadSnapshot(short, store, logger), undefined);
  t.deepEqual(details, [`the log ends before event ${events.length}`, 'it is of another log']);
});

test('a snapshot whose state lacks a field of ours is ignored with a warning', async (t) => {
  const cluster = await finished(t);
  const events = cluster.eventLog.snapshot();
  const { registry: _, ...older } = fold(events.slice(0, 15));
  const bytes = encodeSnapshot(older as FederationState, last(events, 15));
  const { details, logger } = new WarningLogger();
  const store = new MemorySnapshots([{ bytes, seq: 15 }]);
  t.is(await loadSnapshot(cluster.eventLog, store, logger), undefined);
  t.deepEqual(details, ['its state has other fields than ours']);
});

test('a store that cannot be read or written costs a replay and no round', async (t) => {
  const cluster = await MemoryCluster.start(t, { snapshotEveryEvents: EVERY_EVENTS });
  const full = async () => {
    throw new Error('the disk is full');
  };
  cluster.snapshots.keep = full;
  cluster.snapshots.list = full;
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  t.is((await cluster.coordinator.status()).version, 1);
});
