// A thief with a member's transport key, while that member is connected too: two connections of one
// peer id, of which one is proved.

import { generateTransportKey, type Libp2pBus, startLibp2pBus } from '@starling/adapters';
import { PROVE_WITHIN_MS } from '@starling/crypto';
import test, { type ExecutionContext } from 'ava';
import { bytes, codeOf, connectionsUntil, Heard, publishUntil, text } from './bus-fixture.ts';
import { ANSWER, KnownRoster, LIMITS, ProvingEnd, until } from './proving-ends.ts';

async function busOf(t: ExecutionContext, privateKey: Uint8Array): Promise<Libp2pBus> {
  const listen = ['/ip4/127.0.0.1/tcp/0'];
  const bus = await startLibp2pBus({ privateKey, topicPrefix: 'test', listen });
  t.teardown(() => bus.stop());
  return bus;
}

test('a stolen transport key gets in nowhere, and its owner goes on undisturbed', async (t) => {
  const { key: stolen } = await generateTransportKey();
  const { key } = await generateTransportKey();
  const [bus, ownerBus, thief] = [
    await busOf(t, key),
    await busOf(t, stolen),
    await busOf(t, stolen),
  ] as const;
  const victim = new ProvingEnd(bus, new KnownRoster());
  const owner = new ProvingEnd(ownerBus, new KnownRoster());
  for (const { roster } of [victim, owner]) {
    roster.put(bus.self, victim.identity);
    roster.put(ownerBus.self, owner.identity);
  }
  const heard = new Heard();
  bus.subscribe('site', heard.handler());
  const atThief = new Heard();
  thief.subscribe('site', atThief.handler());
  const served: string[] = [];
  bus.handle('note', async (request) => bytes(String(served.push(text(request)))), LIMITS);
  for (const { channels } of [victim, owner]) {
    channels.start();
    t.teardown(() => channels.stop());
  }
  await ownerBus.connect(bus.addresses()[0] ?? '');
  await until(() => victim.channels.peers.includes(ownerBus.self));

  let asked = 0;
  thief.handle('auth', () => new Promise(() => asked++), LIMITS);
  await thief.connect(bus.addresses()[0] ?? '');
  await until(() => asked === 1);
  t.is(bus.connections().length, 2);
  t.is(new Set(bus.connections().map(({ peer }) => peer)).size, 1);
  const theft = codeOf(thief.request(bus.self, 'note', bytes('thief'), ANSWER));
  t.is(await thief.publish('site', bytes('thief')), 0);
  await ownerBus.request(bus.self, 'note', bytes('owner'), ANSWER);
  await publishUntil(ownerBus, 'site', 'owner', () => heard.all.includes('owner'));
  await bus.publish('site', bytes('for the owner'));

  await victim.clock.advance(PROVE_WITHIN_MS);
  await connectionsUntil(bus, () => bus.connections().length === 1);
  await connectionsUntil(thief, () => thief.connections().length === 0);
  t.not(await theft, 'answered');
  await ownerBus.request(bus.self, 'note', bytes('owner again'), ANSWER);
  await publishUntil(ownerBus, 'site', 'again', () => heard.all.includes('again'));
  t.deepEqual(served, ['owner', 'owner again']);
  t.false(heard.all.includes('thief'));
  t.deepEqual(atThief.all, []);
  t.is(victim.outcomes('silent'), 1);
});
