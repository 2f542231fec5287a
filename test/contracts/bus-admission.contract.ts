// What every MessageBus keeps of admission: who may connect, ask and gossip, and who waits for the
// answer. Part of the bus contract.

import type { Admission, MessageBus } from '@starling/shared';
import type { TestFn } from 'ava';
import {
  ANSWER,
  bytes,
  type CreateBuses,
  codeOf,
  connect,
  connectionsUntil,
  Heard,
  LIMITS,
  pair,
  publishUntil,
  text,
} from './bus-fixture.ts';

/** Connections are admitted; for everything else the answer is set by hand. */
class Rule {
  readonly #bus: MessageBus;
  #answer: Admission;

  constructor(bus: MessageBus, answer: Admission) {
    this.#bus = bus;
    this.#answer = answer;
    this.say(answer);
  }

  say(answer: Admission): void {
    this.#answer = answer;
    this.#bus.admitOnly((_, use) => use === 'connection' || this.#answer);
  }
}

export function admissionContract(test: TestFn, adapter: string, create: CreateBuses): void {
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

  test(`${adapter}: every connection has a name of its own, and closes by it`, async (t) => {
    const [a, b] = await pair(t, create);
    const [first] = b.connections();
    t.is(first?.peer, a.self);
    b.admitOnly((_, use, connection) => use !== 'connection' || connection !== first?.id);
    await connectionsUntil(b, () => b.connections().length === 0);
    await connectionsUntil(a, () => a.connections().length === 0);
    await connect(a, b);
    const [second] = b.connections();
    t.is(second?.peer, a.self);
    t.not(second?.id, first?.id);
    b.handle('echo', async (_, __, connection) => bytes(connection), LIMITS);
    t.is(text(await a.request(b.self, 'echo', bytes('x'), ANSWER)), second?.id ?? '');
  });

  test(`${adapter}: a request may name its connection; a closed one carries none`, async (t) => {
    const [a, b] = await pair(t, create);
    b.handle('echo', async (request) => request, LIMITS);
    const connection = a.connections()[0]?.id ?? '';
    t.is(text(await a.request(b.self, 'echo', bytes('x'), { ...ANSWER, connection })), 'x');
    b.admitOnly(() => false);
    await connectionsUntil(a, () => a.connections().length === 0);
    b.admitOnly(() => true);
    await connect(a, b);
    const late = a.request(b.self, 'echo', bytes('x'), { ...ANSWER, connection });
    t.is(await codeOf(late), 'unreachable');
  });

  for (const side of ['asking', 'asked'] as const) {
    test(`${adapter}: a request waits while the side ${side} cannot tell yet`, async (t) => {
      const [a, b] = await pair(t, create);
      const rule = new Rule(side === 'asking' ? a : b, 'later');
      let served = 0;
      b.handle('count', async () => bytes(String(++served)), LIMITS);
      const ask = () => a.request(b.self, 'count', bytes('x'), ANSWER);
      const waiting = [ask(), ask()];
      t.is(served, 0);
      rule.say(true);
      const answers = await Promise.all(waiting);
      t.deepEqual(answers.map(text).sort(), ['1', '2']);
      rule.say('later');
      const refused = codeOf(ask());
      rule.say(false);
      t.is(await refused, 'request-failed');
      t.is(served, 2);
    });

    test(`${adapter}: a request that waits at the side ${side} ends with its connection`, async (t) => {
      const [a, b] = await pair(t, create);
      new Rule(side === 'asking' ? a : b, 'later');
      b.handle('count', () => Promise.reject(new Error('was served')), LIMITS);
      const waiting = codeOf(a.request(b.self, 'count', bytes('x'), ANSWER));
      (side === 'asking' ? b : a).admitOnly(() => false);
      t.true(['request-failed', 'unreachable'].includes(await waiting));
    });
  }

  test(`${adapter}: few requests of a connection wait, the others are refused`, async (t) => {
    const [a, b] = await pair(t, create);
    const rule = new Rule(b, 'later');
    b.handle('echo', async (request) => request, LIMITS);
    const enough = Promise.withResolvers<void>();
    let refused = 0;
    const asked = Array.from({ length: 60 }, async () => {
      const code = await codeOf(a.request(b.self, 'echo', bytes('x'), ANSWER));
      if (code === 'request-failed' && ++refused === 28) enough.resolve();
      return code;
    });
    await enough.promise;
    rule.say(true);
    const codes = await Promise.all(asked);
    t.is(codes.filter((code) => code === 'answered').length, 32);
  });

  test(`${adapter}: gossip waits for admission on both sides, and then goes both ways`, async (t) => {
    const [a, b] = await pair(t, create);
    const heard = { a: new Heard(), b: new Heard() };
    a.subscribe('site', heard.a.handler());
    b.subscribe('site', heard.b.handler());
    const rules = [new Rule(a, 'later'), new Rule(b, 'later')];
    const talk = async () => {
      for (let i = 0; i < 5; i++) {
        t.is(await a.publish('site', bytes('too early')), 0);
        t.is(await b.publish('site', bytes('too early')), 0);
      }
    };
    await talk();
    rules[0]?.say(true);
    await talk();
    rules[1]?.say(true);
    await publishUntil(a, 'site', 'from a', () => heard.b.all.includes('from a'));
    await publishUntil(b, 'site', 'from b', () => heard.a.all.includes('from b'));
    t.false([...heard.a.all, ...heard.b.all].includes('too early'));
  });
}
