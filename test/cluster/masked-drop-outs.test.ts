// Sites that stop in the middle of a masked round: in whatever phase, the others open their sum, and
// who is not in it is named.

import test from 'ava';
import { MaskedRun, STATEMENTS } from './masked-run.ts';

for (const [sites, dropped] of [
  [4, [3]],
  [5, [0]],
  [7, [1, 6]],
] as const) {
  test(`${dropped.length} of ${sites} sites may stop in any phase of a masked round`, async (t) => {
    const run = await MaskedRun.start(t, sites);
    const { cluster } = run;
    const others = cluster.sites.flatMap((_, i) => (dropped.some((each) => each === i) ? [] : i));
    for (const [round, [statement]] of STATEMENTS.entries()) {
      run.hold(statement, ...dropped);
      await run.next();
      await run.untilAllBut(statement, ...dropped);
      for (const i of dropped) await run.site(i).stop();
      await cluster.untilFinished();

      const isInTheSum = statement === 'survivors' || statement === 'unmask';
      const survivors = isInTheSum ? run.members(...others, ...dropped) : run.members(...others);
      const gone = isInTheSum ? [] : run.members(...dropped);
      t.deepEqual(
        run.missing(),
        gone.map((member) => [member, 'offline']),
        statement,
      );
      t.deepEqual(run.state.versions.at(-1)?.contributors, survivors, statement);
      t.deepEqual(await run.opened(), {
        seeds: statement === 'masked' ? dropped.length : 0,
        selves: survivors.length,
      });
      t.is(run.sessions.length, 1, `${statement}: one attempt was enough`);
      t.is(run.state.versions.length, round + 1);
      const { model } = await cluster.coordinator.status();
      for (const i of others) t.is(run.site(i).peer.status().model.root, model);

      run.letGo(statement, ...dropped);
      for (const i of dropped) await run.site(i).start();
    }
    await run.next();
    await cluster.untilFinished();
    t.deepEqual(run.missing(), [], 'those that came back take part again');
    const { model } = await cluster.coordinator.status();
    for (const site of cluster.sites) t.is(site.peer.status().model.root, model);
    run.state.ledger.assertBalanced();
  });
}
