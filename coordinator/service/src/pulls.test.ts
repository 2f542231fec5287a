import type { Digest, MemberId } from '@starling/shared';
import test from 'ava';
import { PULLS_MAX, Pulls } from './pulls.ts';

const digest = (name: string) => name as string as Digest;
const member = (n: number) => `member ${n}` as string as MemberId;

test('members wait their turn, in order, and each has one place', async (t) => {
  const pulls = new Pulls();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const count = PULLS_MAX + 2;
  for (let n = 0; n < count; n++) {
    const work = () => {
      begun.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    t.is(pulls.start(member(n), digest('a'), work).kind, 'accept');
    t.is(
      pulls.start(member(n), digest('a'), () => Promise.reject(new Error('twice'))).kind,
      'accept',
    );
    t.like(pulls.start(member(n), digest('b'), work), { kind: 'ignore', reason: 'busy' });
  }
  await Promise.resolve();
  t.deepEqual(begun, [0, 1, 2, 3]);
  for (let n = 0; n < count; n++) {
    ends[n]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
  await pulls.settled();
  t.is(pulls.start(member(0), digest('b'), async () => undefined).kind, 'accept');
  await pulls.settled();
});

test('a pull that fails gives its place to the next', async (t) => {
  const pulls = new Pulls();
  const done: number[] = [];
  for (let n = 0; n < 3 * PULLS_MAX; n++) {
    pulls.start(member(n), digest('a'), async () => {
      await Promise.resolve();
      if (n % 2 === 0) throw new Error('the provider is away');
      done.push(n);
    });
  }
  await pulls.settled();
  t.is(done.length, (3 * PULLS_MAX) / 2);
});
