// What proved channels keep between honest ends, over every MessageBus: both prove their ML-DSA keys
// at once, and again whenever the connection or the key is another.

import { createIdentity } from '@starling/crypto';
import { equalBytes, type TransportId } from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';
import {
  bytes,
  type CreateBuses,
  codeOf,
  connect,
  connectionsUntil,
  Heard,
  publishUntil,
  text,
} from './bus-fixture.ts';
import { ANSWER, KnownRoster, LIMITS, nonceOf, ProvingEnd, until } from './proving-ends.ts';

/** Two honest ends that know each other, not yet connected. */
async function honestEnds(t: ExecutionContext, create: CreateBuses) {
  const [busA, busB] = await create(t, 2);
  if (busA === undefined || busB === undefined) throw new Error('two buses were asked for');
  const a = new ProvingEnd(busA, new KnownRoster());
  const b = new ProvingEnd(busB, new KnownRoster());
  for (const { roster } of [a, b]) {
    for (const { bus, identity } of [a, b]) roster.put(bus.self, identity);
  }
  t.teardown(() => {
    a.channels.stop();
    b.channels.stop();
  });
  return { a, b };
}

/** An end that strangers may ask to join, and one that is not yet up. */
async function hostAndGuest(t: ExecutionContext, create: CreateBuses) {
  const { a, b } = await honestEnds(t, create);
  const host = new ProvingEnd(a.bus, a.roster, {
    identity: a.identity,
    isOpenTo: (use) => use === 'connection' || use === 'join',
  });
  t.teardown(() => host.channels.stop());
  host.channels.start();
  host.bus.handle('join', async (request) => request, LIMITS);
  return { b, host };
}

async function bothProved(a: ProvingEnd, b: ProvingEnd): Promise<void> {
  await until(() => a.channels.peers.includes(b.bus.self) && b.channels.peers.includes(a.bus.self));
}

export function channelProofContract(test: TestFn, adapter: string, create: CreateBuses): void {
  honestContract(test, adapter, create);
  rosterContract(test, adapter, create);
}

function honestContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: both ends prove themselves with one challenge each, then talk`, async (t) => {
    const { a, b } = await honestEnds(t, create);
    const heard = new Heard();
    b.bus.subscribe('site', heard.handler());
    a.bus.subscribe('site', new Heard().handler());
    for (const { bus, channels } of [a, b]) {
      bus.handle('echo', async (request) => request, LIMITS);
      channels.start();
    }
    await connect(a.bus, b.bus);
    // Asked at once: the requests wait for the proofs.
    const [there, back] = await Promise.all([
      a.bus.request(b.bus.self, 'echo', bytes('there'), ANSWER),
      b.bus.request(a.bus.self, 'echo', bytes('back'), ANSWER),
    ]);
    t.deepEqual([there, back].map(text), ['there', 'back']);
    await publishUntil(a.bus, 'site', 'hello', () => heard.all.includes('hello'));
    t.deepEqual([a.provedPeers, b.provedPeers], [[b.bus.self], [a.bus.self]]);
    t.is(a.outcomes('proved') + a.outcomes('no-answer'), 1);
    t.is(b.outcomes('proved') + b.outcomes('no-answer'), 1);
  });

  test(`${adapter}: a connection that opens again is proved again, by other nonces`, async (t) => {
    const { a, b } = await honestEnds(t, create);
    const challenges: Uint8Array[] = [];
    const handle = b.bus.handle.bind(b.bus);
    b.bus.handle = (protocol, handler, options) =>
      handle(
        protocol,
        (request, from, connection) => {
          if (protocol === 'auth') challenges.push(nonceOf(request));
          return handler(request, from, connection);
        },
        options,
      );
    for (const { channels } of [a, b]) channels.start();
    for (const count of [1, 2]) {
      await connect(a.bus, b.bus);
      await bothProved(a, b);
      t.is(a.provedPeers.length, count);
      const [connection] = a.bus.connections();
      a.bus.admitOnly((_, __, id) => id !== connection?.id);
      await connectionsUntil(a.bus, () => a.bus.connections().length === 0);
      await connectionsUntil(b.bus, () => b.bus.connections().length === 0);
      t.deepEqual(b.channels.peers, []);
    }
    const [first, second] = challenges;
    t.false(equalBytes(first ?? bytes(''), second ?? bytes('')));
  });

  test(`${adapter}: whoever is up later is proved at once, without waiting to be asked`, async (t) => {
    const { a, b } = await honestEnds(t, create);
    a.channels.start();
    await connect(a.bus, b.bus);
    await until(() => a.outcomes('no-answer') === 1);
    b.channels.start();
    // No clock moves: nothing is repeated by time.
    await bothProved(a, b);
    t.is(a.outcomes('proved'), 1);
  });
}

function rosterContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: ends that know different rosters prove keys that are the same`, async (t) => {
    const { a, b } = await honestEnds(t, create);
    b.roster.put('12D3KooWSomebodyWhoJoinedLater' as TransportId, createIdentity());
    t.not(a.roster.digest, b.roster.digest);
    for (const { channels } of [a, b]) channels.start();
    await connect(a.bus, b.bus);
    await bothProved(a, b);
    t.pass();
  });

  const changes: readonly (readonly [string, (end: ProvingEnd, peer: TransportId) => void])[] = [
    ['revoked', ({ roster }, peer) => roster.revoke(peer)],
    ['key-changed', ({ roster }, peer) => roster.put(peer, createIdentity())],
  ];
  for (const [outcome, change] of changes) {
    test(`${adapter}: a roster that says ${outcome} closes the connection`, async (t) => {
      const { a, b } = await honestEnds(t, create);
      for (const { channels } of [a, b]) channels.start();
      a.bus.handle('echo', async (request) => request, LIMITS);
      await connect(a.bus, b.bus);
      await bothProved(a, b);
      change(a, b.bus.self);
      t.deepEqual(a.channels.peers, []);
      a.channels.followRoster();
      await connectionsUntil(a.bus, () => a.bus.connections().length === 0);
      t.is(a.outcomes(outcome), 1);
      const late = await codeOf(b.bus.request(a.bus.self, 'echo', bytes('x'), ANSWER));
      t.not(late, 'answered');
    });
  }

  test(`${adapter}: a roster that changes for others leaves a proved connection alone`, async (t) => {
    const { a, b } = await honestEnds(t, create);
    for (const { channels } of [a, b]) channels.start();
    await connect(a.bus, b.bus);
    await bothProved(a, b);
    a.roster.put('12D3KooWSomebodyWhoJoinedLater' as TransportId, createIdentity());
    a.channels.followRoster();
    t.deepEqual(a.channels.peers, [b.bus.self]);
    t.is(a.outcomes('proved'), 1);
  });

  test(`${adapter}: a guest that becomes a member is challenged then`, async (t) => {
    const { b, host } = await hostAndGuest(t, create);
    host.roster.revoke(b.bus.self);
    await connect(b.bus, host.bus);
    t.is(text(await b.bus.request(host.bus.self, 'join', bytes('in'), ANSWER)), 'in');
    host.roster.put(b.bus.self, b.identity);
    host.channels.followRoster();
    await until(() => host.outcomes('no-answer') === 1);
    b.channels.start();
    await bothProved(host, b);
    t.pass();
  });

  test(`${adapter}: a member with a newer key than the roster's may say so as a guest`, async (t) => {
    const { b, host } = await hostAndGuest(t, create);
    host.roster.put(b.bus.self, createIdentity());
    host.bus.handle('secret', async () => bytes('secret'), LIMITS);
    b.channels.start();
    await connect(b.bus, host.bus);
    await until(() => host.outcomes('unknown-sender') === 1);
    const ask = (protocol: string) => {
      return codeOf(b.bus.request(host.bus.self, protocol, bytes('x'), ANSWER));
    };
    t.is(await ask('join'), 'answered');
    t.is(await ask('secret'), 'request-failed');
    host.roster.put(b.bus.self, b.identity);
    host.channels.followRoster();
    await bothProved(host, b);
    t.is(await ask('secret'), 'answered');
    t.is(host.bus.connections().length, 1);
  });
}
