// However a run is stopped, nothing of it stays: by Ctrl-C, by SIGTERM, by killing the launcher, by
// killing the package runner above it. Each time the same folder is used again.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import {
  isRunning,
  type Launched,
  launch,
  run,
  STARLING,
  servedBelow,
  until,
  untilGone,
} from '../process/launched.ts';
import { writeSmallCorpus } from '../process/small-corpus.ts';

/** More rounds than the test waits for. */
const ROUNDS = 200;

test.serial(
  'a demo stopped by Ctrl-C or SIGTERM leaves no process, and can be resumed',
  async (t) => {
    const folder = temporaryFolder(t);
    const corpus = join(folder, 'corpus');
    const home = join(folder, 'demo');
    writeSmallCorpus(corpus, ['north', 'east', 'south'], 60);
    const fresh = ['demo', '--corpus', corpus, '--rounds', String(ROUNDS), '--home', home];
    const resume = ['demo', '--resume', '--home', home];

    const early = launch(t, fresh);
    await until('the first site has joined', () => early.stdout().includes(' joined') || undefined);
    early.kill('SIGINT');
    t.is((await early.ended).code, 130, 'while the federation is founded');
    await untilGone(servedBelow(home).values());

    const interrupted = launch(t, resume);
    const first = await until('the rounds have begun', () => {
      const served = interrupted.stdout().includes('— rounds') ? servedBelow(home) : undefined;
      return served?.size === 4 ? served : undefined;
    });
    interrupted.kill('SIGINT');
    const { code, stderr } = await interrupted.ended;
    t.is(code, 130);
    t.is(stderr, `stopped; go on with "starling demo --resume --home ${home}"\n`);
    t.deepEqual([...first.values()].filter(isRunning), [], 'stopped before the launcher ended');

    const terminated = launch(t, resume);
    await until(
      'the demo starts again',
      () => terminated.stdout().includes('founding') || undefined,
    );
    terminated.kill('SIGTERM');
    t.is((await terminated.ended).code, 143, 'while the processes start');
    await untilGone(servedBelow(home).values());
  },
);

test.serial('nothing of a local federation outlives its launcher', async (t) => {
  const folder = temporaryFolder(t);
  const home = join(folder, 'up');
  const args = ['up', '--sites', '3', '--home', home];

  const terminated = launch(t, args);
  const first = await serving(terminated, home);
  terminated.kill('SIGTERM');
  t.is((await terminated.ended).code, 143);
  t.deepEqual([...first.values()].filter(isRunning), [], 'stopped before the launcher ended');

  const killed = launch(t, args);
  const second = await serving(killed, home);
  killed.kill('SIGKILL');
  t.is((await killed.ended).signal, 'SIGKILL');
  await untilGone(second.values());

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) await runnerKilled(t, folder, args, signal);
});

/** The run goes on below a script that is named like a package runner and passes nothing on. */
async function runnerKilled(
  t: ExecutionContext,
  folder: string,
  args: readonly string[],
  signal: NodeJS.Signals,
): Promise<void> {
  const runner = join(folder, 'npx');
  writeFileSync(runner, '#!/bin/sh\n"$@" &\necho "launcher $!"\nwait\n');
  chmodSync(runner, 0o755);
  const wrapper = launch(t, args, [runner, process.execPath, STARLING]);
  const processes = await serving(wrapper, join(folder, 'up'));
  const launcher = Number(/launcher (\d+)/.exec(wrapper.stdout())?.[1]);
  t.true(isRunning(launcher));
  wrapper.kill(signal);
  await untilGone([launcher, ...processes.values()]);
}

test.serial('up says what runs, notices a death, and stops with its coordinator', async (t) => {
  const home = join(temporaryFolder(t), 'up');
  const up = launch(t, ['up', '--sites', '3', '--home', home, '--format', 'json']);
  const answer = await until('up is up', () => parsed(up.stdout()));
  t.deepEqual(
    answer.processes.map(({ name }) => name),
    ['coordinator', 'site-1', 'site-2', 'site-3'],
  );
  const pids = answer.processes.map(({ pid }) => pid);
  const [coordinator = 0] = pids;
  t.true(pids.every(isRunning));
  const status = await run(t, 'coordinator', 'status', '--home', join(home, 'coordinator'));
  t.is(status.code, 0, status.stderr);
  t.regex(status.stdout, /site-3/);
  process.kill(coordinator, 'SIGKILL');
  const { code, stderr, stdout } = await up.ended;
  t.is(code, 4);
  t.regex(stderr, /coordinator died \(SIGKILL\)/);
  t.regex(stdout, /"code":"child-died","error":"the coordinator died \(SIGKILL\): /);
  t.false(pids.some(isRunning));
});

/** The processes of a federation that is up. */
function serving(launched: Launched, home: string): Promise<Map<string, number>> {
  return until('the federation is up', () => {
    return launched.stdout().includes('Ctrl-C stops') ? servedBelow(home) : undefined;
  });
}

function parsed(text: string): { processes: { name: string; pid: number }[] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
