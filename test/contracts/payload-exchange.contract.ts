// What the payload exchange keeps over any bus. Registers its tests for one adapter.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BusPayloadExchange,
  MeteredBus,
  openPayloadExchange,
  PrometheusMeter,
} from '@starling/adapters';
import { payloadLeaves, payloadRef } from '@starling/crypto';
import { CHUNK_BYTES, type MessageBus, PayloadError, type RequestHandler } from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';
import type { CreateBuses } from './bus-fixture.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Site {
  readonly bus: MessageBus;
  readonly meter: PrometheusMeter;
  readonly folder: string;
  readonly exchange: BusPayloadExchange;
}

/** Sites with an exchange each, all connected to the first one. */
async function sites(t: ExecutionContext, create: CreateBuses, count: number): Promise<Site[]> {
  const buses = await create(t, count);
  const all: Site[] = [];
  for (const inner of buses) {
    const meter = new PrometheusMeter();
    const bus = new MeteredBus(inner, meter);
    const folder = temporaryFolder(t);
    all.push({ bus, meter, folder, exchange: await openPayloadExchange({ bus, folder }) });
    t.teardown(() => all.map(({ exchange }) => exchange.stop()));
  }
  for (const { bus } of all.slice(1)) await all[0]?.bus.connect(bus.addresses()[0] ?? '');
  return all;
}

/** Bytes that differ from chunk to chunk and end in a short one. */
function payloadOf(chunks: number): Uint8Array {
  const bytes = new Uint8Array(chunks * CHUNK_BYTES - 1000);
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e3779b1);
  return bytes;
}

/** Chunks that sites sent out, by their meters. */
function chunksSent(...all: readonly Site[]): number {
  return countOf(all, 'starling_bus_sent_total', 'answer:payload-chunk');
}

function chunksAsked(...all: readonly Site[]): number {
  return countOf(all, 'starling_bus_sent_total', 'request:payload-chunk');
}

function countOf(all: readonly Site[], name: string, kind: string): number {
  const samples = all.flatMap(({ meter }) => meter.snapshot());
  return samples
    .filter((sample) => sample.name === name && sample.labels['kind'] === kind)
    .reduce((sum, { value }) => sum + value, 0);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fetched';
  } catch (error) {
    return error instanceof PayloadError ? error.code : `not a PayloadError: ${String(error)}`;
  }
}

export function payloadExchangeContract(test: TestFn, adapter: string, create: CreateBuses): void {
  fetchContract(test, adapter, create);
  resumeContract(test, adapter, create);
  storeContract(test, adapter, create);
}

function fetchContract(test: TestFn, adapter: string, create: CreateBuses): void {
  for (const bytes of [new Uint8Array(0), new Uint8Array(1), payloadOf(1), payloadOf(9)]) {
    test(`${adapter}: a payload of ${bytes.byteLength} bytes arrives whole`, async (t) => {
      const [a, b] = await sites(t, create, 2);
      if (a === undefined || b === undefined) return t.fail();
      const ref = await b.exchange.offer(bytes);
      t.deepEqual(ref, payloadRef(bytes));
      t.false(await a.exchange.has(ref));
      const fetched = await a.exchange.fetch(ref, { providers: [b.bus.self] });
      t.is(Buffer.compare(fetched, bytes), 0);
      t.true(await a.exchange.has(ref));
      t.is(chunksAsked(a), payloadLeaves(bytes).length);
      await a.exchange.fetch(ref, { providers: [] });
      t.is(chunksAsked(a), payloadLeaves(bytes).length, 'a second fetch is served from the folder');
    });
  }

  test(`${adapter}: callers of one payload share one transfer`, async (t) => {
    const [a, b] = await sites(t, create, 2);
    if (a === undefined || b === undefined) return t.fail();
    const ref = await b.exchange.offer(payloadOf(5));
    const providers = [b.bus.self];
    await Promise.all([1, 2, 3].map(() => a.exchange.fetch(ref, { providers })));
    t.is(chunksAsked(a), 5);
  });

  test(`${adapter}: a lying provider is skipped, its chunk is never kept`, async (t) => {
    const [a, b, liar] = await sites(t, create, 3);
    if (a === undefined || b === undefined || liar === undefined) return t.fail();
    const bytes = payloadOf(6);
    const ref = await b.exchange.offer(bytes);
    await liar.exchange.offer(bytes);
    await liar.exchange.stop();
    const wrong = bytes.slice();
    wrong[3 * CHUNK_BYTES] = (wrong[3 * CHUNK_BYTES] ?? 0) ^ 1;
    writeFileSync(join(liar.folder, `${ref.root}.payload`), wrong);
    // Larger than its cache, so that chunks go out as they lie on disk, unverified.
    const options = { cacheBytesMax: 1 };
    const lies = await openPayloadExchange({ bus: liar.bus, folder: liar.folder }, options);
    const alone = codeOf(a.exchange.fetch(ref, { providers: [liar.bus.self] }));
    t.is(await alone, 'corrupt-source');
    t.false(await a.exchange.has(ref));
    const providers = [liar.bus.self, b.bus.self];
    const fetched = await a.exchange.fetch(ref, { providers });
    t.is(Buffer.compare(fetched, bytes), 0);
    const penalties = a.meter
      .snapshot()
      .filter(({ name }) => name === 'starling_bus_penalties_total');
    t.true((penalties[0]?.value ?? 0) >= 1, 'the liar loses score');
    await lies.stop();
  });

  test(`${adapter}: nobody who has it means unavailable, and so does an abort`, async (t) => {
    const [a, b] = await sites(t, create, 2);
    if (a === undefined || b === undefined) return t.fail();
    const ref = payloadRef(payloadOf(2));
    t.is(await codeOf(a.exchange.fetch(ref, { providers: [b.bus.self] })), 'unavailable');
    t.is(await codeOf(a.exchange.fetch(ref, { providers: [] })), 'unavailable');
    const signal = AbortSignal.abort(new Error('enough'));
    const providers = [b.bus.self];
    t.is(await codeOf(a.exchange.fetch(ref, { providers, signal })), 'unavailable');
    const oversized = { bytes: 2 ** 40, root: ref.root };
    t.is(await codeOf(a.exchange.fetch(oversized, { providers })), 'too-large');
  });

  test(`${adapter}: malformed requests are refused and the next ones answered`, async (t) => {
    const [a, b] = await sites(t, create, 2);
    if (a === undefined || b === undefined) return t.fail();
    const ref = await b.exchange.offer(payloadOf(1));
    for (const words of ['', 'nonsense', '\u00ff'.repeat(200)]) {
      for (const protocol of ['payload-manifest', 'payload-chunk']) {
        const options = { answerBytesMax: CHUNK_BYTES };
        const asked = a.bus.request(b.bus.self, protocol, Buffer.from(words, 'latin1'), options);
        await t.throwsAsync(asked, { name: 'BusError' });
      }
    }
    t.is(await codeOf(a.exchange.fetch(ref, { providers: [b.bus.self] })), 'fetched');
  });
}

function resumeContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: a provider dies mid-way, the next goes on, no chunk comes twice`, async (t) => {
    const [a, b, c] = await sites(t, create, 3);
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    const bytes = payloadOf(24);
    const ref = await b.exchange.offer(bytes);
    await c.exchange.offer(bytes);
    // The first provider leaves after its eighth chunk.
    await b.exchange.stop();
    const dying = dyingBus(b.bus, 8);
    const served = await openPayloadExchange({ bus: dying, folder: b.folder });
    const providers = [b.bus.self, c.bus.self];
    const fetched = await a.exchange.fetch(ref, { providers });
    t.is(Buffer.compare(fetched, bytes), 0);
    t.is(chunksSent(b, c), 24, 'every chunk was sent exactly once');
    t.is(chunksSent(b), 8);
    await served.stop();
  });

  test(`${adapter}: a restarted site asks only for the chunks it does not have`, async (t) => {
    const [a, b] = await sites(t, create, 2);
    if (a === undefined || b === undefined) return t.fail();
    const bytes = payloadOf(16);
    const ref = await b.exchange.offer(bytes);
    await b.exchange.stop();
    const dying = await openPayloadExchange({ bus: dyingBus(b.bus, 6), folder: b.folder });
    const providers = [b.bus.self];
    t.is(await codeOf(a.exchange.fetch(ref, { providers })), 'unavailable');
    await a.exchange.stop();
    await dying.stop();
    const server = await openPayloadExchange({ bus: b.bus, folder: b.folder });
    const restarted = await openPayloadExchange({ bus: a.bus, folder: a.folder });
    const fetched = await restarted.fetch(ref, { providers });
    t.is(Buffer.compare(fetched, bytes), 0);
    t.is(chunksSent(b), 16, 'every chunk was sent exactly once');
    await Promise.all([restarted.stop(), server.stop()]);
  });
}

/** A bus whose chunk handler answers `count` requests and fails all others. */
function dyingBus(bus: MessageBus, count: number): MessageBus {
  let left = count;
  const handle: MessageBus['handle'] = (protocol, handler, options) => {
    if (protocol !== 'payload-chunk') return bus.handle(protocol, handler, options);
    const dying: RequestHandler = (...request) =>
      left-- > 0 ? handler(...request) : Promise.reject(new Error('dead'));
    return bus.handle(protocol, dying, options);
  };
  return new Proxy(bus, {
    get: (target, name) => {
      if (name === 'handle') return handle;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function storeContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: retain deletes everything else, files included`, async (t) => {
    const [a] = await sites(t, create, 1);
    if (a === undefined) return t.fail();
    const kept = await a.exchange.offer(payloadOf(2));
    const gone = await a.exchange.offer(payloadOf(3));
    await a.exchange.retain(new Set([kept.root]));
    t.true(await a.exchange.has(kept));
    t.false(await a.exchange.has(gone));
    t.is(await codeOf(a.exchange.fetch(gone, { providers: [] })), 'unavailable');
    t.true(readdirSync(a.folder).every((name) => name.startsWith(kept.root)));
  });

  test(`${adapter}: a payload that rotted on disk is pulled again`, async (t) => {
    const [a, b] = await sites(t, create, 2);
    if (a === undefined || b === undefined) return t.fail();
    const bytes = payloadOf(3);
    const ref = await b.exchange.offer(bytes);
    const providers = [b.bus.self];
    await a.exchange.fetch(ref, { providers });
    writeFileSync(join(a.folder, `${ref.root}.payload`), new Uint8Array(ref.bytes));
    const again = await a.exchange.fetch(ref, { providers });
    t.is(Buffer.compare(again, bytes), 0);
  });
}
