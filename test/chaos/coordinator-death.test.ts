// The coordinator is killed in the middle of a round; the stored run goes on with that same round.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteEventLog } from '@starling/adapters';
import { decodeEvent, type FederationState, foldEvent } from '@starling/rules';
import { type DemoReport, LocalClient } from '@starling/runtime';
import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { isRunning, launch, run, servedBelow, until, untilGone } from '../process/launched.ts';
import { writeSmallCorpus } from '../process/small-corpus.ts';

const ROUNDS = 3;

test('a killed coordinator goes on with the open round when the demo is resumed', async (t) => {
  const folder = temporaryFolder(t);
  const corpus = join(folder, 'corpus');
  const home = join(folder, 'demo');
  const json = join(folder, 'report.json');
  const coordinator = join(home, 'federation', 'coordinator');
  writeSmallCorpus(corpus);

  const args = ['demo', '--corpus', corpus, '--rounds', String(ROUNDS), '--home', home];
  const demo = launch(t, args);
  await until('round 2 trains', () => isTraining(coordinator, 2));
  const processes = servedBelow(home);
  t.is(processes.size, 5);
  process.kill(processes.get('coordinator') ?? 0, 'SIGKILL');
  const ended = await demo.ended;
  t.is(ended.code, 4, ended.stderr);
  t.regex(ended.stderr, /the coordinator died \(SIGKILL\); go on with "starling demo --resume/);
  t.deepEqual([...processes.values()].filter(isRunning), [], 'the sites were stopped with it');
  const before = await roundsInLog(coordinator);
  t.is(before.open, 2);

  const offline = await run(t, 'ledger', 'verify', '--home', coordinator, '--format', 'json');
  t.is(offline.code, 0, offline.stdout);

  const other = await run(t, 'demo', '--resume', '--rounds', '9', '--home', home);
  t.is(other.code, 2);
  t.regex(other.stderr, /--rounds is 9, the run began with 3/);

  const resumed = await run(t, 'demo', '--resume', '--home', home, '--json', json);
  t.is(resumed.code, 0, resumed.stderr);
  const after = await roundsInLog(coordinator);
  t.deepEqual(after.opened, [1, 2, 3], 'every round was opened exactly once');
  t.true(after.resumed.includes(2));
  t.is(after.open, undefined);
  t.false(after.types.includes('round-failed'), 'the stored round was not given up');
  t.false(after.types.includes('update-received'), 'nor was an update sent in the clear');
  t.deepEqual(after.types.slice(0, before.types.length), before.types, 'the log only grew');
  const report = JSON.parse(readFileSync(json, 'utf8')) as DemoReport;
  t.is(report.version.version, ROUNDS);
  t.deepEqual(report.ledger.problems, []);
  t.deepEqual(report.died, []);
  await untilGone(servedBelow(home).values());

  const verified = await run(t, 'ledger', 'verify', '--home', coordinator);
  t.is(verified.code, 0, verified.stdout);
  t.regex(verified.stdout, /signatures hold, the books balance/);
});

async function isTraining(home: string, round: number): Promise<true | undefined> {
  try {
    const last = (await (await LocalClient.open(home)).coordinatorStatus()).rounds.at(-1);
    return (last?.round === round && last.phase === 'training') || undefined;
  } catch {
    // It is not there yet.
    return undefined;
  }
}

/** What the log of a stopped coordinator says about rounds, in its order. */
async function roundsInLog(home: string) {
  const eventLog = openSqliteEventLog(join(home, 'events.sqlite'));
  const opened: number[] = [];
  const resumed: number[] = [];
  const types: string[] = [];
  let open: number | undefined;
  let state: FederationState | undefined;
  try {
    for await (const stored of eventLog.read(1)) {
      const event = decodeEvent(stored);
      state = foldEvent(state, event);
      types.push(event.type);
      if (event.type === 'round-opened') {
        open = state.round?.plan.round;
        opened.push(open ?? 0);
      }
      if (event.type === 'round-resumed') resumed.push(event.payload.round);
      if (event.type === 'version-finalised' || event.type === 'round-failed') open = undefined;
    }
  } finally {
    await eventLog.stop();
  }
  return { open, opened, resumed, types };
}
