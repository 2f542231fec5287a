// What every MessageBus keeps. Registers its tests for one adapter.

import { setInterval } from 'node:timers/promises';
import {
  ACCEPT,
  BusError,
  type GossipHandler,
  type GossipTopic,
  type MessageBus,
  refusal,
} from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';

/** Buses of one network, connected to nobody and stopped when the test ends. */
export type CreateBuses = (t: ExecutionContext, count: number) => Promise<MessageBus[]>;

export const DEADLINE_MS = 20_000;
const REPUBLISH_MS = 40;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (words: string): Uint8Array => new Uint8Array(Buffer.from(words));

/** Collects what a handler heard and lets a test wait for a sentence. */
class Heard {
  readonly all: string[] = [];
  readonly #wakers = new Set<() => void>();

  handler(judge: GossipHandler = () => ACCEPT): GossipHandler {
    return (message, from) => {
      this.all.push(text(message));
      for (const wake of this.#wakers) wake();
      return judge(message, from);
    };
  }

  async until(isEnough: (all: readonly string[]) => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!isEnough(this.all)) {
      await new Promise<void>((resolve, reject) => {
        this.#wakers.add(resolve);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      this.#wakers.clear();
    }
  }
}

/** Publishes again and again, as every sender does, until `isDone`. */
export async function publishUntil(
  bus: MessageBus,
  topic: GossipTopic,
  words: string,
  isDone: (recipients: number) => boolean,
): Promise<void> {
  if (isDone(await bus.publish(topic, bytes(words)))) return;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const _ of setInterval(REPUBLISH_MS, undefined, { signal })) {
    if (isDone(await bus.publish(topic, bytes(words)))) return;
  }
}

/** Resolves when `isSo` holds, looking after every change of the bus's connections. */
export async function connectionsUntil(bus: MessageBus, isSo: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('no such connections')), DEADLINE_MS);
  const look = (): void => void (isSo() && resolve());
  const cancel = bus.onConnectionChange(look);
  look();
  await promise.finally(() => {
    clearTimeout(timer);
    cancel();
  });
}

async function pair(t: ExecutionContext, create: CreateBuses): Promise<[MessageBus, MessageBus]> {
  const [a, b] = await create(t, 2);
  if (a === undefined || b === undefined) throw new Error('two buses were asked for');
  await connect(a, b);
  return [a, b];
}

async function connect(a: MessageBus, b: MessageBus): Promise<void> {
  await a.connect(b.addresses()[0] ?? '', AbortSignal.timeout(DEADLINE_MS));
  await connectionsUntil(b, () => b.connected().includes(a.self));
}

export function messageBusContract(test: TestFn, adapter: string, create: CreateBuses): void {
  connectionContract(test, adapter, create);
  gossipContract(test, adapter, create);
  requestContract(test, adapter, create);
  admissionContract(test, adapter, create);
}

function connectionContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: both ends of a connection know it, and that it ended`, async (t) => {
    const [a, b] = await pair(t, create);
    t.deepEqual(a.connected(), [b.self]);
    t.deepEqual(b.connected(), [a.self]);
    t.true(a.addresses().every((address) => address.endsWith(a.self)));
    await b.stop();
    await connectionsUntil(a, () => a.connected().length === 0);
    t.deepEqual(a.connected(), []);
  });

  test(`${adapter}: nobody at an address is unreachable`, async (t) => {
    const [a, b] = await create(t, 2);
    const address = b?.addresses()[0] ?? '';
    await b?.stop();
    const error = await t.throwsAsync(async () => a?.connect(address), { instanceOf: BusError });
    t.is(error?.code, 'unreachable');
  });

  test(`${adapter}: a stopped bus says so, and stops twice`, async (t) => {
    const [a] = await create(t, 1);
    await a?.stop();
    await a?.stop();
    const error = await t.throwsAsync(async () => a?.publish('site', bytes('x')), {
      instanceOf: BusError,
    });
    t.is(error?.code, 'stopped');
  });
}

function gossipContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: an accepted message travels on, a refused one stays`, async (t) => {
    const [a, b, c] = await create(t, 3);
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    await connect(a, b);
    await connect(b, c);
    const atB = new Heard();
    const atC = new Heard();
    b.subscribe(
      'site',
      atB.handler((message) => {
        if (text(message).startsWith('late')) return refusal('expired', 'test');
        return text(message).startsWith('bad') ? refusal('bad-signature', 'test') : ACCEPT;
      }),
    );
    c.subscribe('site', atC.handler());
    await publishUntil(a, 'site', 'first', () => atC.all.includes('first'));
    await publishUntil(a, 'site', 'late', (recipients) => recipients > 0);
    await publishUntil(a, 'site', 'bad', (recipients) => recipients > 0);
    await atB.until((all) => all.includes('late') && all.includes('bad'));
    await publishUntil(a, 'site', 'last', () => atC.all.includes('last'));
    t.false(atC.all.includes('late'));
    t.false(atC.all.includes('bad'));
  });

  test(`${adapter}: the same bytes go through as often as they are published`, async (t) => {
    const [a, b] = await pair(t, create);
    const heard = new Heard();
    b.subscribe('vote', heard.handler());
    await publishUntil(a, 'vote', 'ready?', () => heard.all.length > 0);
    for (let i = 0; i < 3; i++) t.is(await a.publish('vote', bytes('again')), 1);
    await heard.until((all) => all.filter((words) => words === 'again').length === 3);
    t.pass();
  });

  test(`${adapter}: one publication is heard once, whatever the paths`, async (t) => {
    const buses = await create(t, 3);
    const [a, b, c] = buses;
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    await Promise.all([connect(a, b), connect(b, c)]);
    await connect(a, c);
    const atB = new Heard();
    const atC = new Heard();
    b.subscribe('control', atB.handler());
    c.subscribe('control', atC.handler());
    await publishUntil(a, 'control', 'ready?', (recipients) => recipients === 2);
    await a.publish('control', bytes('once'));
    await a.publish('control', bytes('end'));
    for (const heard of [atB, atC]) {
      await heard.until((all) => all.includes('end'));
      t.is(heard.all.filter((words) => words === 'once').length, 1);
    }
  });

  test(`${adapter}: topics are apart, and a cancelled handler hears nothing more`, async (t) => {
    const [a, b] = await pair(t, create);
    const site = new Heard();
    const vote = new Heard();
    const cancel = b.subscribe('site', site.handler());
    b.subscribe('vote', vote.handler());
    await publishUntil(a, 'site', 'one', () => site.all.length > 0);
    cancel();
    await publishUntil(a, 'site', 'two', (recipients) => recipients === 0);
    await publishUntil(a, 'vote', 'three', () => vote.all.includes('three'));
    t.false(site.all.includes('three'));
    t.false(vote.all.includes('one'));
  });

  test(`${adapter}: a handler that throws refuses that message only`, async (t) => {
    const [a, b] = await pair(t, create);
    const heard = new Heard();
    b.subscribe(
      'site',
      heard.handler((message) => {
        if (text(message) === 'boom') throw new Error('boom');
        return ACCEPT;
      }),
    );
    await publishUntil(a, 'site', 'boom', () => heard.all.includes('boom'));
    await publishUntil(a, 'site', 'calm', () => heard.all.includes('calm'));
    t.pass();
  });

  test(`${adapter}: a message over the limit is refused at its sender`, async (t) => {
    const [a, b] = await pair(t, create);
    const heard = new Heard();
    b.subscribe('site', (message, from) => heard.handler()(message.subarray(0, 4), from));
    const large = a.publish('site', new Uint8Array(1024 * 1024));
    const error = await t.throwsAsync(large, { instanceOf: BusError });
    t.is(error?.code, 'message-too-large');
    await publishUntil(a, 'site', 'small'.repeat(100_000), () => heard.all.includes('smal'));
  });
}

function requestContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: a request is answered in both directions, also an empty one`, async (t) => {
    const [a, b] = await pair(t, create);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      to.handle('echo', async (request, asker) => bytes(`${asker}:${text(request)}`), LIMITS);
      const answer = await from.request(to.self, 'echo', bytes('hello'), ANSWER);
      t.is(text(answer), `${from.self}:hello`);
      to.handle('nothing', async () => new Uint8Array(0), LIMITS);
      t.is((await from.request(to.self, 'nothing', new Uint8Array(0), ANSWER)).byteLength, 0);
    }
  });

  test(`${adapter}: too large requests and answers fail, smaller ones go on`, async (t) => {
    const [a, b] = await pair(t, create);
    b.handle('size', async (request) => new Uint8Array(request.byteLength), {
      requestBytesMax: 300_000,
    });
    const ask = (size: number, answerBytesMax: number) =>
      a.request(b.self, 'size', new Uint8Array(size), { answerBytesMax });
    t.is((await ask(300_000, 300_000)).byteLength, 300_000);
    t.is(await codeOf(ask(300_001, 400_000)), 'request-failed');
    t.is(await codeOf(ask(250_000, 1000)), 'answer-too-large');
    t.is((await ask(1000, 1000)).byteLength, 1000);
  });

  test(`${adapter}: a failing handler, a foreign protocol, an absent peer`, async (t) => {
    const [a, b] = await pair(t, create);
    b.handle('fail', () => Promise.reject(new Error('no')), LIMITS);
    t.is(await codeOf(a.request(b.self, 'fail', bytes('x'), ANSWER)), 'request-failed');
    t.is(await codeOf(a.request(b.self, 'foreign', bytes('x'), ANSWER)), 'request-failed');
    await b.stop();
    await connectionsUntil(a, () => a.connected().length === 0);
    t.is(await codeOf(a.request(b.self, 'fail', bytes('x'), ANSWER)), 'unreachable');
  });

  test(`${adapter}: a request ends with its signal, or with the other side`, async (t) => {
    const [a, b] = await pair(t, create);
    const asked = Promise.withResolvers<void>();
    const never = new Promise<Uint8Array>(() => undefined);
    b.handle(
      'hang',
      () => {
        asked.resolve();
        return never;
      },
      LIMITS,
    );
    const abort = new AbortController();
    const first = codeOf(
      a.request(b.self, 'hang', bytes('x'), { ...ANSWER, signal: abort.signal }),
    );
    await asked.promise;
    const second = codeOf(a.request(b.self, 'hang', bytes('x'), ANSWER));
    abort.abort();
    t.is(await first, 'request-failed');
    await b.stop();
    t.true(['request-failed', 'unreachable'].includes(await second));
  });

  test(`${adapter}: a handler works on so many requests at once, all are answered`, async (t) => {
    const [a, b] = await pair(t, create);
    let now = 0;
    let most = 0;
    b.handle(
      'work',
      async (request) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return request;
      },
      { requestBytesMax: 10, concurrentMax: 2 },
    );
    const ask = (i: number) => a.request(b.self, 'work', Uint8Array.of(i), ANSWER);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)));
    t.deepEqual(
      answers.map(([i]) => i),
      Array.from({ length: 20 }, (_, i) => i),
    );
    t.true(most <= 2, `${most} at once`);
  });
}

function admissionContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: whoever is not admitted stays without connection`, async (t) => {
    const [a, b, c] = await create(t, 3);
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    await connect(c, b);
    b.admitOnly((peer) => peer !== c.self);
    await connectionsUntil(b, () => b.connected().length === 0);
    await connect(a, b);
    await c.connect(b.addresses()[0] ?? '').catch(() => undefined);
    await connectionsUntil(c, () => c.connected().length === 0);
    t.deepEqual(b.connected(), [a.self]);
  });

  test(`${adapter}: a guest may ask one protocol, not the others, and is not heard`, async (t) => {
    const [a, b] = await pair(t, create);
    const heard = new Heard();
    b.subscribe('site', heard.handler());
    b.admitOnly((_, protocol) => protocol === 'connection' || protocol === 'join');
    b.handle('join', async () => bytes('welcome'), LIMITS);
    b.handle('secret', async () => bytes('secret'), LIMITS);
    t.is(text(await a.request(b.self, 'join', bytes('x'), ANSWER)), 'welcome');
    t.is(await codeOf(a.request(b.self, 'secret', bytes('x'), ANSWER)), 'request-failed');
    for (let i = 0; i < 5; i++) await a.publish('site', bytes('from a guest'));
    t.is(text(await a.request(b.self, 'join', bytes('x'), ANSWER)), 'welcome');
    t.deepEqual(heard.all, []);
    b.admitOnly(() => true);
    await publishUntil(a, 'site', 'from a member', () => heard.all.includes('from a member'));
  });
}

const LIMITS = { requestBytesMax: 1000 } as const;
const ANSWER = { answerBytesMax: 1000 } as const;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (error) {
    return error instanceof BusError ? error.code : `not a BusError: ${String(error)}`;
  }
}
