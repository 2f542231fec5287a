import test from 'ava';
import { HELD_ARRAYS_MAX, SentArrays, type Shipment } from './sent-arrays.ts';

/** What the other side holds after a shipment. */
function receive(held: Map<number, Float32Array>, { forgotten, fresh }: Shipment): void {
  for (const [number, array] of fresh) held.set(number, array);
  for (const number of forgotten) held.delete(number);
}

test('an array of a round crosses once, and again in the next round', (t) => {
  const sent = new SentArrays();
  const model = new Float32Array(3);
  t.is(sent.ship({ model }, 1).fresh.length, 1);
  t.is(sent.ship({ model }, 1).fresh.length, 0);
  const next = sent.ship({ model }, 2);
  t.is(next.fresh.length, 1);
  t.is(next.forgotten.length, 1);
});

test('the other side always holds what a shipment names, and never more than the limit', (t) => {
  const sent = new SentArrays();
  const held = new Map<number, Float32Array>();
  const pool = Array.from({ length: 40 }, (_, i) => Float32Array.of(i));
  for (let i = 0; i < 500; i++) {
    const [model, control] = [pool[(i * 7) % 40], pool[(i * i) % 40]];
    if (model === undefined || control === undefined) return t.fail();
    const shipment = sent.ship({ model, control }, 1 + (i >> 5));
    for (const [number, array] of shipment.fresh) held.set(number, array);
    t.is(held.get(shipment.arrays['model'] ?? -1), model);
    t.is(held.get(shipment.arrays['control'] ?? -1), control);
    receive(held, shipment);
    t.true(held.size <= HELD_ARRAYS_MAX, `${held.size}`);
  }
});
