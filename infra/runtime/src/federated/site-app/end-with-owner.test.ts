import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { scheduler } from 'node:timers/promises';
import test from 'ava';

const MODULE = new URL('./end-with-owner.ts', import.meta.url).href;
/** Says that it is busy, and then is, for ever. */
const BUSY = `
  const { endWithOwner } = await import(${JSON.stringify(MODULE)});
  endWithOwner();
  process.stdout.write(process.pid + '\\n', () => { for (;;) {} });
`;
const OWNER = `
  const { spawn } = await import('node:child_process');
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(BUSY)}], { stdio: 'inherit' });
`;

test('a process that is busy for ever ends when its owner was killed', async (t) => {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(owner.stdout, 'data');
  const busy = Number(String(said));
  t.true(isRunning(busy));
  owner.kill('SIGKILL');
  while (isRunning(busy)) await scheduler.wait(50);
  t.pass();
});

/** A zombie that nobody has waited for runs no more. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (existsSync('/proc/self/stat')) {
    try {
      return !readFileSync(path, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
