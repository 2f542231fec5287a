// The unmasked sum equals the plain integer sum, whoever drops out where, as long as enough remain;
// with one fewer the session fails and nothing was revealed.

import { boundsOf } from '@starling/crypto';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { POLICY } from './session-fixture.ts';
import { SimulatedSession, type SimulationOptions } from './simulated-session.ts';
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

/** Runs a session and holds its sum against the plain one of the survivors. */
async function sumsExactly(
  t: ExecutionContext,
  settings: SimulationOptions,
): Promise<SimulatedSession | undefined> {
  const simulation = new SimulatedSession(settings);
  const opened = await simulation.run();
  const { announced, failed } = simulation.coordinator.state;
  if (opened === undefined) {
    t.fail(JSON.stringify(failed));
    return undefined;
  }
  const alive = announced.get('signing')?.members ?? [];
  t.true(alive.length >= simulation.session.announce.survivorsMin);
  t.deepEqual(opened.words, await simulation.plainSum(alive));
  return simulation;
}

/** Members that may be missing from a complete graph of this size. */
function dropOutsMax(participants: number): number {
  const bounds = boundsOf(participants, POLICY);
  return bounds === undefined ? 0 : participants - bounds.survivorsMin;
}

test('the sum is exact for any size, ring and drop-outs in any phase', async (t) => {
  const size = fc.integer({ min: 3, max: 12 });
  const ring = fc.constantFrom(32 as const, 64 as const);
  await fc.assert(
    fc.asyncProperty(size, ring, fc.nat(), fc.nat(), async (participants, bits, seed, drops) => {
      const count = drops % (dropOutsMax(participants) + 1);
      const silent = silentMembers(participants, count, seed);
      await sumsExactly(t, { participants, elements: 33, ring: bits, seed, silent });
    }),
    { numRuns: 12 },
  );
});

for (const silence of SILENCES) {
  test(`as many as may drop out at once after they said ${silence} do not change the sum`, async (t) => {
    const silent = new Map([1, 4, 8].map((position) => [position, silence] as const));
    t.is(silent.size, dropOutsMax(10));
    await sumsExactly(t, { participants: 10, elements: 5, ring: 64, seed: 10, silent });
  });
}

test('a hundred members sum exactly although a third of them never came', async (t) => {
  const count = dropOutsMax(100);
  t.is(count, 33);
  const silent = new Map(Array.from({ length: count }, (_, i) => [3 * i, 'nothing'] as const));
  await sumsExactly(t, { participants: 100, elements: 5, ring: 32, seed: 100, silent });
});

test('one member too few in any phase: no sum, and no share was opened', async (t) => {
  for (const participants of [3, 4, 7]) {
    for (const silence of SILENCES.slice(0, -1)) {
      const count = dropOutsMax(participants) + 1;
      const silent = new Map(Array.from({ length: count }, (_, i) => [i, silence] as const));
      const settings = { participants, elements: 5, ring: 32 as const, seed: participants, silent };
      const simulation = new SimulatedSession(settings);
      const what = `${count} of ${participants} silent after ${silence}`;
      t.is(await simulation.run(), undefined, what);
      t.is(simulation.coordinator.state.failed?.reason, 'too-few');
      t.false(simulation.heard.some(({ effect }) => effect.kind === 'say-unmask'));
    }
  }
});

test('a Harary graph of 130 members sums exactly with drop-outs in every phase', async (t) => {
  const silent = silentMembers(130, 6, 7);
  t.is(new Set(silent.values()).size, SILENCES.length);
  const settings = { participants: 130, elements: 9, ring: 64 as const, seed: 5, silent };
  const simulation = await sumsExactly(t, settings);
  t.is(simulation?.session.announce.graph.kind, 'harary');
});
