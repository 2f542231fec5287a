// Masked rounds in groups: each group opens its own sum, and one that cannot does not stop the others.

import type { MemberId } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { MaskedRun } from './masked-run.ts';
import { MASKED } from './memory-cluster.ts';

const SITES = [0, 1, 2, 3, 4, 5, 6] as const;

/** Seven sites in groups of four and three, none of which has sent its vector yet. */
async function masking(t: ExecutionContext) {
  const run = await MaskedRun.start(t, 7, { aggregation: { ...MASKED, groupSize: 3 } });
  run.hold('masked', ...SITES);
  await run.next();
  await run.cluster.until('both groups mask', () => {
    const isMasking = run.sessions.every(({ phase }) => phase === 'masked');
    return isMasking && run.sessions.length === 2;
  });
  const groups = run.sessions.map(({ session }) => session.announce.participants);
  t.deepEqual(groups.map(({ length }) => length).sort(), [3, 4]);
  return { run, four: membersOf(groups, 4), three: membersOf(groups, 3) };
}

function membersOf(groups: readonly (readonly MemberId[])[], size: number): readonly MemberId[] {
  return groups.find(({ length }) => length === size) ?? [];
}

/** Stops one site and lets the others send their vectors. */
async function lose(run: MaskedRun, member: MemberId | undefined): Promise<void> {
  const lost = SITES.findIndex((i) => run.site(i).identity.member === member);
  await run.site(lost).stop();
  run.letGo('masked', ...SITES);
}

async function modelsOf(run: MaskedRun): Promise<Set<string>> {
  const running = run.cluster.sites.filter(({ isRunning }) => isRunning);
  const { model } = await run.cluster.coordinator.status();
  return new Set([model, ...running.map(({ peer }) => peer.status().model.root)]);
}

test('a group that may lose a member goes on, and so does the other', async (t) => {
  const { run, four } = await masking(t);
  await lose(run, four[0]);
  await run.cluster.untilFinished();
  t.deepEqual(run.missing(), [[four[0], 'offline']]);
  t.is(run.state.versions[0]?.contributors.length, 6);
  t.is(run.sessions.length, 2);
  t.is((await modelsOf(run)).size, 1);
});

test('a group that may lose nobody has no sum, and the other one makes the version', async (t) => {
  const { run, four, three } = await masking(t);
  const [lost, ...innocent] = three;
  await lose(run, lost);
  await run.cluster.untilFinished();
  t.deepEqual(
    new Map(run.missing()),
    new Map([[lost, 'offline'], ...innocent.map((member) => [member, 'group-failed'] as const)]),
  );
  t.deepEqual(run.state.versions[0]?.contributors, [...four]);
  t.is((await modelsOf(run)).size, 1);
});

test('a round in which every group fails has no version, and the next one does', async (t) => {
  const { run, four, three } = await masking(t);
  const lost = SITES.filter((i) => {
    const { member } = run.site(i).identity;
    return three[0] === member || four.slice(0, 2).includes(member);
  });
  for (const i of lost) await run.site(i).stop();
  run.letGo('masked', ...SITES);
  await run.cluster.untilEvent('round-failed');
  t.deepEqual(
    run.missing(),
    run.members(...lost).map((member) => [member, 'offline']),
    'nobody that did its part is named',
  );
  for (const i of lost) await run.site(i).start();
  await run.next();
  await run.cluster.untilFinished();
  t.is(run.state.versions[0]?.contributors.length, 7);
  t.is((await modelsOf(run)).size, 1);
});
