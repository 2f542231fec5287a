import test from 'ava';
import { Lockstep } from './lockstep-fixture.ts';

for (const members of [1, 2, 3, 4, 7, 10]) {
  test(`${members} members decide the same blocks in the same order`, (t) => {
    const cluster = new Lockstep(members);
    cluster.setDemand(true);
    t.true(cluster.run(5));
    const [first] = cluster.nodes;
    for (const { decided } of cluster.nodes) {
      t.deepEqual(decided.slice(0, 4), first?.decided.slice(0, 4));
    }
    t.true(cluster.nowMs < 100);
  });
}

test('an idle cluster neither votes nor sets a timer', (t) => {
  const cluster = new Lockstep(4);
  cluster.setDemand(false);
  t.false(cluster.run(1));
  t.deepEqual(cluster.effects, []);
});

test('silent leaders are passed by nullification', (t) => {
  const cluster = new Lockstep(7);
  cluster.crash(0);
  cluster.crash(1);
  cluster.setDemand(true, cluster.nodes.slice(2));
  t.true(cluster.run(20));
});
