// A stream beside a log's, for what only its newest state matters of: one message for each subject.

import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { EventLogError } from '@starling/shared';
import type { NatsConnection } from 'nats';
import { connectNats } from './connect-nats.ts';
import { patiently } from './log-stream.ts';
import type { NatsEventLogOptions } from './nats-event-log.ts';

export interface SideStream {
  readonly client: JetStreamClient;
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly name: string;
  /** What every subject of the stream begins with. */
  readonly prefix: string;
}

/** @throws {EventLogError} `storage` when the servers cannot be reached or refuse */
export async function openSideStream(
  options: NatsEventLogOptions,
  purpose: 'LEASE' | 'PAYLOADS' | 'SNAPSHOTS',
): Promise<SideStream> {
  const { log, replicas } = options;
  const connection = await connectNats(options);
  const name = `STARLING_${log}_${purpose}`;
  const prefix = `starling.${purpose.toLowerCase()}.${log}`;
  try {
    const manager = await patiently(() => jetstreamManager(connection));
    await patiently(() =>
      manager.streams.add({
        name,
        subjects: [`${prefix}.>`],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.Old,
        max_msgs_per_subject: 1,
        num_replicas: replicas,
      }),
    );
    return { client: jetstream(connection), connection, manager, name, prefix };
  } catch (cause) {
    await connection.close();
    throw storageError(cause);
  }
}

export function storageError(cause: unknown): EventLogError {
  if (cause instanceof EventLogError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EventLogError('storage', `NATS: ${message}`, { cause });
}
