// The first thing a person runs: on an old Node it must say what to do, not fail to parse.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const launcher = join(import.meta.dirname, '..', 'infra', 'cli', 'bin', 'starling.js');

/** Runs the launcher with `process.versions.node` reading `version`. */
function launchOn(version: string): { status: number | null; stdout: string; stderr: string } {
  const pretend =
    `Object.defineProperty(process, 'versions', ` +
    `{ value: { ...process.versions, node: '${version}' } });`;
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, launcher, '--version'],
    { encoding: 'utf8' },
  );
}

for (const version of ['18.20.4', '20.19.0', '22.12.0', '24.11.1']) {
  test(`Node ${version} is refused with the version that is needed and the command that helps`, (t) => {
    const { status, stdout, stderr } = launchOn(version);
    t.is(status, 1);
    t.is(stdout, '');
    t.regex(stderr, /needs Node 24\.12 or newer/);
    t.true(stderr.includes(version));
    t.regex(stderr, /npx -y pnpm@12\.21\.0 starling/);
  });
}

for (const version of ['24.12.0', '24.21.0', '26.0.0']) {
  test(`Node ${version} is let in`, (t) => {
    t.notRegex(launchOn(version).stderr, /needs Node/);
  });
}
