// A lease on NATS JetStream: the last message of one subject, each written over the one before.

import { JetStreamApiCodes } from '@nats-io/jetstream';
import { type Clock, EventLogError, type Leadership, z } from '@starling/shared';
import { LeaseLeadership, type LeaseOptions } from '../lease/lease-leadership.ts';
import type { LeaseRecord, LeaseRegister } from '../lease/lease-register.ts';
import { isApiError } from './log-stream.ts';
import type { NatsEventLogOptions } from './nats-event-log.ts';
import { openSideStream, type SideStream, storageError } from './nats-side-stream.ts';

/** An answer that comes later is as good as none: a lease is short. */
const WRITE_WITHIN_MS = 2_000;

const recordSchema = z.strictObject({ atMs: z.number(), holder: z.string() });

/**
 * Who leads among all that share a log.
 * @throws {EventLogError} `storage`; {RangeError} as {@link LeaseLeadership}
 */
export async function openNatsLeadership(
  servers: NatsEventLogOptions,
  clock: Clock,
  options: LeaseOptions,
): Promise<Leadership> {
  return new LeaseLeadership(await openNatsLeaseRegister(servers), clock, options);
}

/** @throws {EventLogError} `storage` */
export async function openNatsLeaseRegister(servers: NatsEventLogOptions): Promise<LeaseRegister> {
  return new NatsLeaseRegister(await openSideStream(servers, 'LEASE'));
}

class NatsLeaseRegister implements LeaseRegister {
  readonly #stream: SideStream;
  readonly #subject: string;

  constructor(stream: SideStream) {
    this.#stream = stream;
    this.#subject = `${stream.prefix}.leader`;
  }

  async read() {
    const { manager, name } = this.#stream;
    try {
      const stored = await manager.streams.getMessage(name, { last_by_subj: this.#subject });
      if (stored === null) return undefined;
      const record = recordSchema.parse(stored.json());
      return { ...record, revision: stored.seq };
    } catch (cause) {
      if (isApiError(cause, JetStreamApiCodes.NoMessageFound)) return undefined;
      if (!(cause instanceof z.ZodError)) throw storageError(cause);
      const message = `the lease at ${this.#subject} is no lease`;
      throw new EventLogError('corrupt', message, { cause });
    }
  }

  async write({ atMs, holder }: LeaseRecord, expected: number): Promise<number | undefined> {
    try {
      const text = JSON.stringify({ atMs, holder });
      const { seq } = await this.#stream.client.publish(this.#subject, text, {
        expect: { lastSubjectSequence: expected },
        timeout: WRITE_WITHIN_MS,
      });
      return seq;
    } catch (cause) {
      if (isApiError(cause, JetStreamApiCodes.StreamWrongLastSequence)) return undefined;
      throw storageError(cause);
    }
  }

  async stop(): Promise<void> {
    await this.#stream.connection.close();
  }
}
