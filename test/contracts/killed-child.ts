// A child process that prints one acknowledged number per line until it is killed without warning.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A child that acknowledges nothing for this long has failed. */
const SILENCE_MS = 30_000;

/**
 * Runs `children/<script>` and kills it with SIGKILL once it has acknowledged `count` numbers.
 * @returns the last number that it acknowledged before it died.
 */
export async function runUntilKilled(
  script: string,
  args: readonly string[],
  count: number,
): Promise<number> {
  const path = fileURLToPath(new URL(`children/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  let acknowledged = -1;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (++lines === count) child.kill('SIGKILL');
  }
  await exited;
  clearTimeout(timer);
  if (lines < count) throw new Error(`the child acknowledged ${lines} of ${count} and ended`);
  return acknowledged;
}
