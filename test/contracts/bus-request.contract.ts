// What every MessageBus keeps of requests. Part of the bus contract.

import type { TestFn } from 'ava';
import {
  ANSWER,
  bytes,
  type CreateBuses,
  codeOf,
  connectionsUntil,
  LIMITS,
  pair,
  text,
} from './bus-fixture.ts';

export function requestContract(test: TestFn, adapter: string, create: CreateBuses): void {
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
