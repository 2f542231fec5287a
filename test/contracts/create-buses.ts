// The buses that contracts are run on.

import { generateTransportKey, MemoryNetwork, startLibp2pBus } from '@starling/adapters';
import type { CreateBuses } from './bus-fixture.ts';

export const createMemoryBuses: CreateBuses = async (t, count) => {
  const network = new MemoryNetwork();
  const buses = Array.from({ length: count }, (_, i) => network.join(`peer${i}`));
  t.teardown(() => Promise.all(buses.map((bus) => bus.stop())));
  return buses;
};

export const createLibp2pBuses: CreateBuses = async (t, count) => {
  const buses = await Promise.all(
    Array.from({ length: count }, async () => {
      const { key } = await generateTransportKey();
      const listen = ['/ip4/127.0.0.1/tcp/0'];
      return startLibp2pBus({ privateKey: key, topicPrefix: 'test', listen });
    }),
  );
  t.teardown(() => Promise.all(buses.map((bus) => bus.stop())));
  return buses;
};
