import { createIdentity } from '@starling/crypto';
import type { Digest, FederationId } from '@starling/shared';
import test from 'ava';
import type { ChainJournal } from './chain-journal.ts';
import type { ChainWorld } from './chain-world.ts';
import { OwnStatements, SAY_AGAIN_MAX_MS, SAY_AGAIN_MS } from './own-statements.ts';

async function approving(count: number) {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs };
  const identity = createIdentity(new Uint8Array(32).fill(1));
  const journal = {
    putIfAbsent: async (_kind: string, _name: string[], value: Uint8Array) => value,
    write: async () => undefined,
  };
  const own = new OwnStatements(
    { clock, identity } as unknown as ChainWorld,
    'ab'.repeat(32) as FederationId,
    journal as unknown as ChainJournal,
  );
  for (let i = 1; i <= count; i++) {
    await own.approve('documents', i.toString(16).padStart(64, '0') as Digest);
  }
  const at = (ms: number): number => {
    nowMs = ms;
    return own.takeDue().length;
  };
  return { at, own };
}

test('what was said just now is said again later, each time twice as late', async (t) => {
  const { at } = await approving(3);
  t.is(at(0), 0);
  t.is(at(SAY_AGAIN_MS), 3);
  t.is(at(2 * SAY_AGAIN_MS), 0);
  t.is(at(3 * SAY_AGAIN_MS), 3);
  const said: number[] = [];
  for (let ms = 4 * SAY_AGAIN_MS; ms < 180_000; ms += 1000) if (at(ms) > 0) said.push(ms);
  const waits = said.slice(1).map((ms, i) => ms - (said[i] ?? 0));
  t.deepEqual(waits, [
    16_000,
    SAY_AGAIN_MAX_MS,
    SAY_AGAIN_MAX_MS,
    SAY_AGAIN_MAX_MS,
    SAY_AGAIN_MAX_MS,
  ]);
});

test('a new neighbour hears soon what is still open', async (t) => {
  const { at, own } = await approving(1);
  t.is(at(SAY_AGAIN_MS), 1);
  t.is(at(3 * SAY_AGAIN_MS), 1);
  own.hurry();
  t.is(at(4 * SAY_AGAIN_MS), 1);
});

test('what is decided is never said again', async (t) => {
  const { at, own } = await approving(2);
  await own.settle((about) => about.endsWith('1'));
  t.is(at(SAY_AGAIN_MS), 1);
});
