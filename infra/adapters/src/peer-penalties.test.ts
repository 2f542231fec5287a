import test from 'ava';
import { memoryTransportId } from './memory-network.ts';
import { PENALISED_PEERS_MAX, PENALTY_HALF_LIFE_MS, PeerPenalties } from './peer-penalties.ts';

test('penalties add up, halve with time and concern one peer', (t) => {
  let nowMs = 0;
  const penalties = new PeerPenalties(() => nowMs);
  const [a, b] = [memoryTransportId('a'), memoryTransportId('b')];
  penalties.add(a);
  penalties.add(a);
  t.is(penalties.of(a), 40);
  t.is(penalties.of(b), 0);
  nowMs = PENALTY_HALF_LIFE_MS;
  t.is(penalties.of(a), 20);
  penalties.add(a);
  t.is(penalties.of(a), 40);
});

test('the number of remembered peers is bounded', (t) => {
  const penalties = new PeerPenalties(() => 0);
  const ids = Array.from({ length: PENALISED_PEERS_MAX + 1 }, (_, i) => memoryTransportId(`${i}`));
  for (const id of ids) penalties.add(id);
  t.deepEqual(
    ids.filter((id) => penalties.of(id) === 0),
    ids.slice(0, 1),
  );
});
