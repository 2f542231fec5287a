import { ACCEPT, refusal } from '@starling/shared';
import test from 'ava';
import { MemoryNetwork } from './memory-network.ts';
import { MeteredBus } from './metered-bus.ts';
import { PrometheusMeter } from './prometheus-meter.ts';

test('bytes and messages are counted by kind on both sides', async (t) => {
  const network = new MemoryNetwork();
  const [meterA, meterB] = [new PrometheusMeter(), new PrometheusMeter()];
  const a = new MeteredBus(network.join('a'), meterA);
  const b = new MeteredBus(network.join('b'), meterB);
  await network.connectAll();
  b.subscribe('control', ([first]) => (first === 0 ? ACCEPT : refusal('expired', 'test')));
  b.handle('echo', async (bytes) => bytes.subarray(0, 3), { requestBytesMax: 100 });
  await a.publish('control', new Uint8Array(40));
  await a.publish('control', new Uint8Array(2).fill(1));
  await a.request(b.self, 'echo', new Uint8Array(10), { answerBytesMax: 100 });
  const numbers = (meter: PrometheusMeter) =>
    Object.fromEntries(
      meter.snapshot().map(({ name, labels, value }) => {
        return [`${name} ${labels['kind'] ?? labels['reason'] ?? ''}`, value];
      }),
    );
  t.deepEqual(numbers(meterA), {
    'starling_bus_sent_total gossip:control': 2,
    'starling_bus_sent_bytes_total gossip:control': 42,
    'starling_bus_sent_total request:echo': 1,
    'starling_bus_sent_bytes_total request:echo': 10,
    'starling_bus_received_total answer:echo': 1,
    'starling_bus_received_bytes_total answer:echo': 3,
  });
  const atB = numbers(meterB);
  t.is(atB['starling_bus_received_bytes_total gossip:control'], 42);
  t.is(atB['starling_bus_refused_total expired'], 1);
  t.is(atB['starling_bus_sent_bytes_total answer:echo'], 3);
});
