import test from 'ava';
import { PatternSite, queryOf } from './pattern-site.ts';

test('some searches are asked again exactly, later, and not too many a minute', async (t) => {
  const site = await PatternSite.open(t, 'north', { documents: 200 });
  const patterns = await site.start(t, { auditEvery: 2 });
  t.is(patterns.status().audit, null);
  const ask = async (queries: number) => {
    for (let i = 0; i < queries; i++) {
      await site.ask(patterns, queryOf('visitor', i));
      await site.clock.advance(10);
    }
  };
  await ask(20);
  const { audited = 0, recallMicros = 0 } = patterns.status().audit ?? {};
  t.is(audited, 10);
  t.true(recallMicros > 900_000 && recallMicros <= 1_000_000);
  await ask(100);
  t.is(patterns.status().audit?.audited, 30);
  await site.clock.advance(60_000);
  await ask(2);
  t.is(patterns.status().audit?.audited, 31);
  t.is(patterns.status().asked, 122);
});

test('an answer is never held up by its audit', async (t) => {
  const site = await PatternSite.open(t, 'north', { documents: 200 });
  const patterns = await site.start(t, { auditEvery: 1 });
  for (let i = 0; i < 50; i++) await site.ask(patterns, queryOf('visitor', i));
  t.is(patterns.status().audit, null);
  await site.settled(patterns.stop());
  t.is(patterns.status().audit, null);
});
