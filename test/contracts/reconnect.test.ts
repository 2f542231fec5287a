import {
  generateTransportKey,
  keepConnected,
  ManualClock,
  MemoryNetwork,
  SystemClock,
  startLibp2pBus,
} from '@starling/adapters';
import test from 'ava';
import { connectionsUntil } from './bus-fixture.ts';

test('over memory: a dropped connection is dialled again, with growing delays', async (t) => {
  const network = new MemoryNetwork();
  const clock = new ManualClock();
  const [a, b] = [network.join('a'), network.join('b')];
  const keeper = keepConnected({ bus: a, clock }, b.addresses(), {
    delayFirstMs: 100,
    delayMaxMs: 400,
  });
  await clock.advance(0);
  t.deepEqual(a.connected(), [b.self]);
  await clock.advance(60_000);
  network.partition([a.self], [b.self]);
  // Dials at 0, 100, 300, 700 and then every 400 ms find nobody.
  await clock.advance(750);
  network.heal();
  await clock.advance(340);
  t.deepEqual(a.connected(), []);
  await clock.advance(20);
  t.deepEqual(a.connected(), [b.self]);
  keeper.stop();
  network.disconnect(a.self, b.self);
  await clock.advance(60_000);
  t.deepEqual(a.connected(), []);
  t.is(clock.pending, 0);
});

test('over memory: a peer with several addresses is tried at each in turn, one dial at a time', async (t) => {
  const network = new MemoryNetwork();
  const clock = new ManualClock();
  const [a, b] = [network.join('a'), network.join('b')];
  const dialled: number[] = [];
  const [address = ''] = b.addresses();
  const places = ['one', 'other'].map((place) => `/${place}${address}`);
  const bus = new Proxy(a, {
    get: (target, name) => {
      if (name !== 'connect') {
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (to: string) => {
        dialled.push(places.indexOf(to));
        if (dialled.length < 6) throw new Error('not here');
        await target.connect(address);
      };
    },
  });
  const options = { delayFirstMs: 100, delayMaxMs: 400 };
  const keeper = keepConnected({ bus, clock }, places, options);
  await clock.advance(2_000);
  keeper.stop();
  t.deepEqual(dialled, [0, 1, 0, 1, 0, 1]);
  t.deepEqual(a.connected(), [b.self]);
});

test('over libp2p: a peer that comes back at its address is found again', async (t) => {
  const listen = ['/ip4/127.0.0.1/tcp/0'];
  const dialler = await generateTransportKey();
  const { key: privateKey, transportId } = await generateTransportKey();
  const a = await startLibp2pBus({ privateKey: dialler.key, topicPrefix: 'test', listen });
  const first = await startLibp2pBus({ privateKey, topicPrefix: 'test', listen });
  const address = first.addresses()[0] ?? '';
  const keeper = keepConnected({ bus: a, clock: new SystemClock() }, [address], {
    delayFirstMs: 20,
    delayMaxMs: 100,
  });
  t.teardown(() => a.stop());
  t.teardown(() => keeper.stop());
  await connectionsUntil(a, () => a.connected().includes(transportId));
  await first.stop();
  await connectionsUntil(a, () => a.connected().length === 0);
  const samePort = [address.slice(0, address.indexOf('/p2p/'))];
  const second = await startLibp2pBus({ privateKey, topicPrefix: 'test', listen: samePort });
  t.teardown(() => second.stop());
  await connectionsUntil(a, () => a.connected().includes(transportId));
  t.pass();
});
