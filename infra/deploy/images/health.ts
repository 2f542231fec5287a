// Whether the process of a container answers: exit code 0 when it does. A coordinator that stands by
// is healthy too. Asks the local API, as the commands do, because it is there in every role.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ANSWER_WITHIN_MS = 4_000;
/** A coordinator that stands by refuses what only the one that leads can answer. */
const STANDS_BY = 'not-leading';

export type Health =
  | { readonly healthy: true; readonly state: 'running' | 'stands by' }
  | { readonly healthy: false; readonly why: string };

/** Asks the process of a folder for its status. Never rejects. */
export async function healthOf(home: string): Promise<Health> {
  try {
    const { port, token } = await readControl(join(home, 'control.json'));
    const answer = await fetch(`http://127.0.0.1:${port}/status`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (answer.ok) return { healthy: true, state: 'running' };
    const { code } = (await answer.json()) as { code?: unknown };
    if (code === STANDS_BY) return { healthy: true, state: 'stands by' };
    return { healthy: false, why: `it answers ${answer.status}` };
  } catch (error) {
    return { healthy: false, why: error instanceof Error ? error.message : String(error) };
  }
}

async function readControl(path: string): Promise<{ port: number; token: string }> {
  const control: unknown = JSON.parse(await readFile(path, 'utf8'));
  const { port, token } = control as Readonly<Record<string, unknown>>;
  if (typeof port === 'number' && typeof token === 'string') return { port, token };
  throw new TypeError(`${path} names no port and token`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const health = await healthOf(process.env['STARLING_HOME'] ?? '/data/home');
  process.stdout.write(health.healthy ? `${health.state}\n` : `${health.why}\n`);
  process.exitCode = health.healthy ? 0 : 1;
}
