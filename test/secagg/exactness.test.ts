// The unmasked sum equals the plain integer sum, whoever drops out where, as long as enough remain;
// with one fewer the session fails and nothing was revealed.

import test from 'ava';
import fc from 'fast-check';
import { SimulatedSession } from './simulated-session.ts';
import type { Silence } from './stage.ts';

const SILENCES: readonly Silence[] = ['nothing', 'keys', 'shares', 'masked', 'survivors'];

/** `count` members that fall silent, spread over all phases. */
function silentMembers(participants: number, count: number, seed: number): Map<number, Silence> {
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const phase = SILENCES[(seed + i) % SILENCES.length] ?? 'nothing';
      return [(seed + i) % participants, phase] as const;
    }),
  );
}

test('the sum is exact for any size, ring and drop-outs in any phase', async (t) => {
  const size = fc.integer({ min: 3, max: 14 });
  const ring = fc.constantFrom(32 as const, 64 as const);
  await fc.assert(
    fc.asyncProperty(size, ring, fc.nat(), fc.nat(), async (participants, bits, seed, drops) => {
      const settings = { participants, elements: 33, ring: bits, seed };
      const { survivorsMin } = new SimulatedSession(settings).session.announce;
      const count = drops % (participants - survivorsMin + 1);
      const silent = silentMembers(participants, count, seed);
      const simulation = new SimulatedSession({ ...settings, silent });
      const opened = await simulation.run();
      if (opened === undefined) return t.fail(JSON.stringify(simulation.coordinator.state.failed));
      const alive = simulation.coordinator.state.announced.get('signing')?.members ?? [];
      t.true(alive.length >= survivorsMin);
      t.deepEqual(opened.words, await simulation.plainSum(alive));
    }),
    { numRuns: 25 },
  );
});

test('one member too few in any phase: no sum, and no share was opened', async (t) => {
  for (const participants of [3, 4, 5, 7, 10]) {
    for (const silence of SILENCES.slice(0, -1)) {
      const settings = { participants, elements: 5, ring: 32 as const, seed: participants };
      const { survivorsMin } = new SimulatedSession(settings).session.announce;
      const count = participants - survivorsMin + 1;
      const silent = new Map(Array.from({ length: count }, (_, i) => [i, silence] as const));
      const simulation = new SimulatedSession({ ...settings, silent });
      t.is(
        await simulation.run(),
        undefined,
        `${count} of ${participants} silent after ${silence}`,
      );
      t.is(simulation.coordinator.state.failed?.reason, 'too-few');
      t.false(simulation.heard.some(({ effect }) => effect.kind === 'say-unmask'));
    }
  }
});

for (const [participants, corruptMicros, dropMicros] of [
  [101, 50_000, 50_000],
  [160, 50_000, 50_000],
] as const) {
  test(`a Harary graph of ${participants} members sums exactly with drop-outs`, async (t) => {
    const silent = silentMembers(participants, Math.floor(participants * 0.05), 7);
    const policy = { corruptMicros, dropMicros };
    const settings = { participants, elements: 9, ring: 64 as const, seed: 5, silent, policy };
    const simulation = new SimulatedSession(settings);
    t.is(simulation.session.announce.graph.kind, 'harary');
    const opened = await simulation.run();
    const alive = simulation.coordinator.state.announced.get('signing')?.members ?? [];
    t.deepEqual(
      opened?.words,
      await simulation.plainSum(alive),
      JSON.stringify(simulation.coordinator.state.failed),
    );
  });
}
