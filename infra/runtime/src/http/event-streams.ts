// Server-sent events (WHATWG HTML §9.2) to many readers: each has a queue with an end, and who does
// not read is dropped with a reason.

import type { Clock, Logger } from '@starling/shared';
import type { Context } from 'hono';
import { type Access, tokenOf } from './access/authorise.ts';
import { ApiRefusal } from './api-refusal.ts';
import type { EventHub } from './event-hub.ts';
import { EventReader } from './event-reader.ts';
import { missedSince } from './missed-events.ts';
import type { CurrentStanding } from './standing.ts';

/** Readers at once. */
export const STREAMS_MAX = 64;
/** A comment, so that proxies and readers know that the stream lives. */
export const HEARTBEAT_MS = 15_000;

export interface EventStreamParts {
  readonly access: Access;
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly logger: Logger;
  readonly meter: { gauge(name: string, value: number): void; count(name: string): void };
  readonly standing: CurrentStanding;
}

export class EventStreams {
  readonly #parts: EventStreamParts;
  readonly #open = new Set<(reason: string) => void>();

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    parts.standing.onChange(() => this.end('the coordinator no longer leads from here'));
  }

  /** Ends every stream. */
  end(reason: string): void {
    for (const end of [...this.#open]) end(reason);
  }

  /** @throws {ApiRefusal} 400, 401, 403, 429, 503 */
  async answer(context: Context): Promise<Response> {
    const { access, hub, standing } = this.#parts;
    const record = await access.require(context, 'read');
    const text = tokenOf(context) ?? '';
    const since = lastEventId(context);
    if (this.#open.size >= STREAMS_MAX) {
      const message = `${STREAMS_MAX} streams are open: close one, or read what others read`;
      throw new ApiRefusal(429, 'too-many-requests', message);
    }
    const reader = new EventReader((why) => this.#dropped(record.name, why));
    const close = await this.#keep(reader, () => access.isStillGood(record, text));
    try {
      const leading = standing.leading();
      const cancel = await hub.listen((frames) => reader.send(frames));
      reader.onClose(cancel);
      reader.send([await hub.statusFrame(leading)]);
      if (since !== undefined) reader.send(await missedSince(since, leading));
    } catch (error) {
      close();
      throw error;
    }
    return new Response(reader.stream, {
      headers: {
        'cache-control': 'no-store',
        'content-type': 'text/event-stream',
        // nginx would keep events back.
        'x-accel-buffering': 'no',
      },
    });
  }

  async #keep(reader: EventReader, isStillGood: () => Promise<boolean>): Promise<() => void> {
    const { clock, meter } = this.#parts;
    const end = (reason: string) => reader.end(reason);
    this.#open.add(end);
    const cancel = clock.every(HEARTBEAT_MS, async () => {
      if (await isStillGood()) reader.comment('alive');
      else reader.end('the token was revoked or has expired');
    });
    const record = () => meter.gauge('starling_http_streams', this.#open.size);
    const close = () => {
      cancel();
      this.#open.delete(end);
      record();
    };
    reader.onClose(close);
    record();
    return close;
  }

  #dropped(token: string, reason: string): void {
    this.#parts.meter.count('starling_http_streams_dropped_total');
    this.#parts.logger.warn('a reader of events was dropped', { token, reason });
  }
}

function lastEventId(context: Context): number | undefined {
  const text = context.req.header('last-event-id');
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const message = `Last-Event-ID is ${text.slice(0, 40)}: the number of a log event is expected`;
  throw new ApiRefusal(400, 'invalid-request', message);
}
