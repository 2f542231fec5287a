// What every MessageBus keeps: connections and gossip. Registers its tests for one adapter.

import { ACCEPT, BusError, refusal } from '@starling/shared';
import type { TestFn } from 'ava';
import { admissionContract } from './bus-admission.contract.ts';
import {
  bytes,
  type CreateBuses,
  connect,
  connectionsUntil,
  Heard,
  pair,
  publishUntil,
  text,
} from './bus-fixture.ts';
import { requestContract } from './bus-request.contract.ts';

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

  test(`${adapter}: the mesh is the neighbours that gossip goes to directly`, async (t) => {
    const [a, b] = await pair(t, create);
    t.deepEqual(a.meshPeers(), []);
    for (const bus of [a, b]) bus.subscribe('site', () => ACCEPT);
    b.subscribe('vote', () => ACCEPT);
    a.subscribe('vote', () => ACCEPT);
    await publishUntil(a, 'site', 'ready?', () => a.meshPeers().length > 0);
    t.deepEqual(a.meshPeers(), [b.self], 'once, however many topics');
    await b.stop();
    await connectionsUntil(a, () => a.connected().length === 0);
    await publishUntil(a, 'site', 'gone?', () => a.meshPeers().length === 0);
    t.deepEqual(a.meshPeers(), []);
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
