import test from 'ava';
import { LeaderSchedule } from './leader-schedule.ts';

test('in n views every member leads once, and the next n views have another order', (t) => {
  const members = 30;
  const schedule = new LeaderSchedule(members, Uint8Array.of(1, 2, 3));
  const turns = [0, 1, 2].map((turn) =>
    Array.from({ length: members }, (_, i) => schedule.leaderOf(1 + turn * members + i)),
  );
  for (const turn of turns) t.is(new Set(turn).size, members);
  t.notDeepEqual(turns[0], turns[1]);
  t.notDeepEqual(turns[1], turns[2]);
});

test('all members that know the seed agree, in whatever order they ask', (t) => {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  const [forward, backward] = [new LeaderSchedule(7, seed), new LeaderSchedule(7, seed)];
  const views = Array.from({ length: 50 }, (_, i) => i + 1);
  const ahead = views.map((view) => forward.leaderOf(view));
  const back = views.toReversed().map((view) => backward.leaderOf(view));
  t.deepEqual(ahead, back.reverse());
  t.notDeepEqual(
    ahead,
    views.map((view) => new LeaderSchedule(7, 9).leaderOf(view)),
  );
});

test('everybody leads about as often first', (t) => {
  const counts = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5000; seed++) {
    const leader = new LeaderSchedule(5, seed).leaderOf(1);
    counts[leader] = (counts[leader] ?? 0) + 1;
  }
  for (const count of counts) t.true(Math.abs(count - 1000) < 150, `${counts}`);
});
