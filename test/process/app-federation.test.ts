// Real processes that train an app: every operator installed its own copy, `starling run --federation`
// plans the rounds and watches them.

import { join } from 'node:path';
import {
  demoTask,
  foundApp,
  LocalClient,
  LocalFederation,
  newApp,
  readAppFolder,
} from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { run, STARLING } from './launched.ts';

const SITES = ['north', 'south', 'west'];

async function installed(t: ExecutionContext, home: string): Promise<string[]> {
  const folders = SITES.map((site) => join(home, 'apps', site, 'hearts'));
  for (const folder of folders) t.truthy(await newApp(folder, 'logistic'));
  return folders;
}

test('three real sites train the app that their operators installed, under masks', async (t) => {
  const home = temporaryFolder(t);
  const folders = await installed(t, home);
  const [folder = ''] = folders;
  const app = await readAppFolder(folder);
  const task = demoTask(7);
  const { initial, task: agreed } = await foundApp(app, {
    aggregation: task.aggregation,
    runConfig: app.config,
    seed: task.seed,
  });
  const signal = new AbortController().signal;
  const federation = new LocalFederation({ home: join(home, 'run'), entry: STARLING, signal });
  t.teardown(() => federation.stop());
  const sites = SITES.map((name, i) => ({
    name,
    documents: [],
    app: { folder: folders[i] ?? '', node: { 'partition-id': i } },
  }));
  const founding = { name: 'hearts', task: { ...task, app: agreed }, initial, sites };
  await federation.found({ ...founding, baselines: null }, () => undefined);
  await federation.startSites(SITES);

  const { coordinatorHome } = federation;
  const settings = ['--run-config', 'num-server-rounds=2', '--home', coordinatorHome];
  const done = await run(
    t,
    'run',
    folder,
    '--federation',
    '--stream',
    '--format',
    'json',
    ...settings,
  );
  t.is(done.code, 0, done.stderr);
  const { rounds } = JSON.parse(done.stdout);
  t.deepEqual(
    rounds.map(({ phase, updates }: { phase: string; updates: string[] }) => [
      phase,
      updates.length,
    ]),
    [
      ['final', 3],
      ['final', 3],
    ],
  );
  t.true(rounds[1].lossLastMicros < rounds[0].lossLastMicros, 'the loss falls');
  const north = await LocalClient.open(federation.siteHome('north'));
  t.is((await north.peerStatus()).app?.name, 'hearts');
  t.true((await north.verifyUpdate(2, undefined)).holds);
  const other = join(home, 'other');
  await newApp(other, 'digits');
  const refused = await run(t, 'run', other, '--federation', '--home', coordinatorHome);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /agreed on other files of the app "hearts"/);
});
