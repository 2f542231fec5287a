// What changes, told to readers as it happens.

import { EVENTS_EVERY_MS, HEARTBEAT_MS, revokeToken, STREAMS_MAX } from '@starling/runtime';
import test from 'ava';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { operatorsOf } from './operator-cluster.ts';

interface Told {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

async function reading(t: Parameters<typeof operatorsOf>[0], cluster: MemoryCluster) {
  const operators = await operatorsOf(t, cluster);
  const token = await operators.tokenOf('read', 'reader');
  const open = async (lastEventId?: number) => {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
    const response = await operators.request('/api/v1/events', token, { headers });
    return { response, stream: streamOf(response) };
  };
  return { ...operators, open, token };
}

function streamOf(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  let isOver = false;
  const take = async () => {
    const { done, value } = await reader.read();
    isOver = done;
    text += new TextDecoder().decode(value);
  };
  const told = (): Told[] =>
    text.split('\n\n').flatMap((frame) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
      const name = field('event');
      if (name === undefined) return [];
      return [{ name, id: field('id'), data: JSON.parse(field('data') ?? '{}') }];
    });
  return {
    cancel: () => reader.cancel(),
    told,
    /** Reads until what was told is as wanted, or nothing more comes. */
    until: async (holds: (all: Told[]) => boolean) => {
      while (!isOver && !holds(told())) await take();
      return told();
    },
    comments: async () => {
      while (!isOver && !text.includes(': alive')) await take();
      return text.includes(': alive');
    },
  };
}

test('a reader hears rounds, members, versions and accounts as they change, once each', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { open } = await reading(t, cluster);
  const { response, stream } = await open();
  t.regex(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const [first] = await stream.until((all) => all.length > 0);
  t.is(first?.name, 'status');
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  await cluster.clock.advance(EVENTS_EVERY_MS);
  const { entries: booked } = cluster.replay().ledger;
  const entriesIn = (all: Told[]) => {
    const ledger = all.filter(({ name }) => name === 'ledger');
    return ledger.flatMap(({ data }) => data['entries'] as { to: string }[]);
  };
  const told = await stream.until((all) => entriesIn(all).length >= booked.length - 1);
  const rounds = told.filter(({ name }) => name === 'round');
  t.is(rounds.at(-1)?.data['phase'], 'final');
  t.is(new Set(rounds.map(({ data }) => JSON.stringify(data))).size, rounds.length);
  t.like(told.find(({ name }) => name === 'version')?.data, { version: 1 });
  t.is(entriesIn(told).length, booked.length - 1);
  t.true(told.some(({ name }) => name === 'member'));
  const ids = told.map(({ id }) => Number(id));
  t.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  await stream.cancel();
});

test('a reader that was away hears what it missed, or that it missed too much', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { open } = await reading(t, cluster);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  await cluster.clock.advance(1_000);
  const known = cluster.replay().head;
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const { stream } = await open(known);
  const told = await stream.until((all) => all.some(({ name }) => name === 'ledger'));
  const rounds = told.filter(({ name }) => name === 'round').map(({ data }) => data['round']);
  t.deepEqual(rounds, [2]);
  t.deepEqual(
    told.filter(({ name }) => name === 'version').map(({ data }) => data['version']),
    [2],
  );
  await stream.cancel();
  const { stream: other } = await open(known + 1_000_000);
  const reset = (await other.until((all) => all.length > 1)).at(-1);
  t.is(reset?.name, 'reset');
  t.regex(String(reset?.data['reason']), /the log has \d+ events, not \d+/);
  await other.cancel();
});

test('a stream lives by heartbeats, and ends with its token', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { clock, home, open } = await reading(t, cluster);
  const { stream } = await open();
  await clock.advance(HEARTBEAT_MS);
  t.true(await stream.comments());
  await revokeToken(home, 'reader');
  await clock.advance(HEARTBEAT_MS);
  const told = await stream.until(() => false);
  t.like(told.at(-1), { name: 'end', data: { reason: 'the token was revoked or has expired' } });
});

test('readers are counted, and a stand-by has none', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const { ask, open, request, standing, token } = await reading(t, cluster);
  const streams = [];
  for (let i = 0; i < STREAMS_MAX; i++) streams.push((await open()).stream);
  const refused = await ask('/api/v1/events', token);
  t.is(refused.status, 429);
  t.regex(String(refused.body['error']), /64 streams are open/);
  await streams[0]?.cancel();
  const again = await open();
  t.is(again.response.status, 200);
  standing.set({ kind: 'stands-by', describe: () => 'c2 leads', known: () => undefined });
  const told = await again.stream.until(() => false);
  t.is(told.at(-1)?.name, 'end');
  t.is((await request('/api/v1/events', token)).status, 503);
});

test('a number that is none is refused by its header', async (t) => {
  const { ask, token } = await reading(t, await MemoryCluster.found(t));
  const headers = { 'last-event-id': 'newest' };
  const refused = await ask('/api/v1/events', token, { headers });
  t.is(refused.status, 400);
  t.regex(String(refused.body['error']), /Last-Event-ID is newest/);
});
