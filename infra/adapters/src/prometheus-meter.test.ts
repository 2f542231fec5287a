import test from 'ava';
import { LABEL_SETS_MAX, PrometheusMeter } from './prometheus-meter.ts';

test('counters add, gauges stand, histograms sum, and Prometheus can read them', async (t) => {
  const meter = new PrometheusMeter({ site: 'north' });
  meter.count('starling_test_things_total');
  meter.count('starling_test_things_total', 4);
  meter.gauge('starling_test_peers', 3, { state: 'up' });
  meter.gauge('starling_test_peers', 2, { state: 'up' });
  meter.observe('starling_test_seconds', 0.25);
  meter.observe('starling_test_seconds', 0.5);
  t.deepEqual(meter.snapshot(), [
    { name: 'starling_test_things_total', labels: {}, value: 5 },
    { name: 'starling_test_peers', labels: { state: 'up' }, value: 2 },
    { name: 'starling_test_seconds_sum', labels: {}, value: 0.75 },
    { name: 'starling_test_seconds_count', labels: {}, value: 2 },
  ]);
  const text = await meter.expose();
  t.regex(text, /starling_test_things_total\{site="north"\} 5/);
  t.regex(text, /starling_test_peers\{state="up",site="north"\} 2/);
  t.regex(text, /starling_test_seconds_count\{site="north"\} 2/);
});

test('label sets are bounded: the surplus is counted together', (t) => {
  const meter = new PrometheusMeter();
  for (let i = 0; i < LABEL_SETS_MAX + 50; i++) {
    meter.count('starling_test_total', 1, { peer: `p${i}` });
  }
  const samples = meter.snapshot();
  t.is(samples.length, LABEL_SETS_MAX + 1);
  t.is(samples.find(({ labels }) => labels['peer'] === 'overflow')?.value, 50);
});

test('two meters of one process are apart', (t) => {
  const [a, b] = [new PrometheusMeter(), new PrometheusMeter()];
  a.count('starling_test_total');
  t.deepEqual(b.snapshot(), []);
});
