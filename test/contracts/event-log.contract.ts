// What every EventLog keeps. Registers its tests for one adapter.

import { type EventLog, EventLogError, type NewEvent, type StoredEvent } from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';

/** A log that starts empty; `reopen` stops it and opens the same one again. */
export interface EventLogUnderTest {
  readonly log: EventLog;
  reopen(): Promise<EventLog>;
}

export function event(text: string, atMs = 1): NewEvent {
  return { atMs, type: 'test', payload: Buffer.from(text) };
}

export async function textsOf(log: EventLog, from = 1): Promise<string[]> {
  const texts: string[] = [];
  for await (const { payload } of log.read(from)) texts.push(Buffer.from(payload).toString());
  return texts;
}

export function eventLogContract(
  test: TestFn,
  adapter: string,
  create: (t: ExecutionContext) => Promise<EventLogUnderTest>,
): void {
  test(`${adapter}: events come back in order, numbered from 1 without gaps`, async (t) => {
    const { log } = await create(t);
    t.is(await log.head(), 0);
    t.is(await log.append([event('a', 5), event('b', 6)], 0), 2);
    t.is(await log.append([event('c', 7)], 2), 3);
    const all: StoredEvent[] = [];
    for await (const stored of log.read(1)) all.push(stored);
    t.deepEqual(
      all.map(({ seq, atMs, type }) => [seq, atMs, type]),
      [
        [1, 5, 'test'],
        [2, 6, 'test'],
        [3, 7, 'test'],
      ],
    );
    t.deepEqual(await textsOf(log, 2), ['b', 'c']);
    await log.stop();
  });

  test(`${adapter}: an append with another head in mind changes nothing`, async (t) => {
    const { log } = await create(t);
    await log.append([event('a')], 0);
    const error = await t.throwsAsync(log.append([event('b'), event('c')], 0), {
      instanceOf: EventLogError,
    });
    t.is(error?.code, 'conflict');
    t.deepEqual(await textsOf(log), ['a']);
    await log.stop();
  });

  test(`${adapter}: of appends issued together for one head, exactly one wins`, async (t) => {
    const { log } = await create(t);
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((text) => log.append([event(text)], 0)),
    );
    t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    t.is(await log.head(), 1);
    await log.stop();
  });

  test(`${adapter}: what was appended is there after reopening, and the log goes on`, async (t) => {
    const subject = await create(t);
    const texts = Array.from({ length: 300 }, (_, i) => `event ${i}`);
    await subject.log.append(
      texts.map((text) => event(text)),
      0,
    );
    const log = await subject.reopen();
    t.is(await log.head(), 300);
    t.deepEqual(await textsOf(log), texts);
    t.is(await log.append([event('one more')], 300), 301);
    t.deepEqual(await textsOf(log, 301), ['one more']);
    await log.stop();
  });

  test(`${adapter}: payload bytes are the log's own`, async (t) => {
    const { log } = await create(t);
    const payload = Buffer.from('before');
    const appended = log.append([{ atMs: 1, type: 'test', payload }], 0);
    payload.write('after!');
    await appended;
    t.deepEqual(await textsOf(log), ['before']);
    await log.stop();
  });

  test(`${adapter}: a stopped log says so`, async (t) => {
    const { log } = await create(t);
    await log.stop();
    await log.stop();
    const error = await t.throwsAsync(log.append([event('a')], 0), { instanceOf: EventLogError });
    t.is(error?.code, 'stopped');
  });
}
