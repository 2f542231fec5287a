import { ACCEPT } from '@starling/shared';
import test from 'ava';
import { MemoryNetwork, memoryTransportId } from './memory-network.ts';

const words = new Uint8Array([1, 2, 3]);

test('a partition closes connections across it, healing lets them come back', async (t) => {
  const network = new MemoryNetwork();
  const buses = ['a', 'b', 'c', 'd'].map((name) => network.join(name));
  await network.connectAll();
  const [a, b, c, d] = buses.map((bus) => bus.self);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return t.fail();
  network.partition([a, b], [c]);
  t.deepEqual(buses[0]?.connected(), [b]);
  t.deepEqual(buses[2]?.connected(), []);
  t.deepEqual(buses[3]?.connected(), []);
  const address = `/memory/p2p/${c}`;
  await t.throwsAsync(async () => buses[0]?.connect(address), { name: 'BusError' });
  network.heal();
  t.is(await buses[0]?.connect(address), c);
});

test('the same seed loses the same deliveries', async (t) => {
  const run = async (seed: number): Promise<number[]> => {
    const network = new MemoryNetwork({ gossipLoss: 0.5, seed });
    const [a, b] = [network.join('a'), network.join('b')];
    await network.connectAll();
    const heard: number[] = [];
    b.subscribe('site', ([first]) => {
      heard.push(first ?? -1);
      return ACCEPT;
    });
    for (let i = 0; i < 64; i++) await a.publish('site', Uint8Array.of(i));
    await new Promise((resolve) => setImmediate(resolve));
    return heard;
  };
  const first = await run(7);
  t.deepEqual(await run(7), first);
  t.notDeepEqual(await run(8), first);
  t.true(first.length > 16 && first.length < 48);
});

test('faults are counted against the forwarder, harmless refusals are not', async (t) => {
  const network = new MemoryNetwork();
  const [a, b] = [network.join('a'), network.join('b')];
  await network.connectAll();
  b.subscribe('site', () => ({ kind: 'reject', reason: 'bad-signature', detail: '' }));
  b.subscribe('vote', () => ({ kind: 'ignore', reason: 'expired', detail: '' }));
  await a.publish('site', words);
  await a.publish('vote', words);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(b.faultsOf(a.self), 1);
  b.penalise(a.self, 'equivocation');
  b.penalise(a.self, 'expired');
  t.is(b.faultsOf(a.self), 2);
});

test('a name gives the same id in every network, another name another one', (t) => {
  t.is(new MemoryNetwork().join('site1').self, memoryTransportId('site1'));
  const names = ['site1', 'site10', 'site100', 'site1x', 'a', 'ax', 'axx', '0', '00'];
  t.is(new Set(names.map(memoryTransportId)).size, names.length);
});
