import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Collection, SeededRandom } from '@starling/index';
import {
  applyTo,
  type Content,
  contentOf,
  KILL_SETTINGS,
  operationAt,
  sameContent,
  send,
} from './kill-history.ts';

/** A child that prints nothing for this long has failed. */
const SILENCE_MS = 60_000;
const LINES_MAX = 240;
const STEPS_AFTER = 12;

export interface KillTrial {
  readonly seed: number;
  /** Writes that the child had acknowledged when it was killed. */
  readonly acknowledged: number;
  readonly sent: number;
  /** Writes that the folder held afterwards. */
  readonly kept: number;
}

/**
 * Kills a writer at a moment that follows from the seed, opens its folder, and compares it with the
 * history: it must be its first writes, all acknowledged ones among them. Then writing goes on.
 *
 * @throws Error that names the seed when it is not
 */
export async function runKillTrial(seed: number): Promise<KillTrial> {
  const folder = mkdtempSync(join(tmpdir(), 'starling-kill-'));
  try {
    const { acknowledged, sent } = await writeUntilKilled(folder, seed);
    const kept = await keptWrites(folder, seed, acknowledged, sent);
    return { seed, acknowledged, sent, kept };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeUntilKilled(folder: string, seed: number) {
  const lines = 1 + (new SeededRandom(seed).nextUint32() % LINES_MAX);
  const script = fileURLToPath(new URL('write-until-killed-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder, String(seed), '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  const counts = { sent: 0, acknowledged: 0 };
  let read = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, step] = line.split(' ');
    counts[word === 'sent' ? 'sent' : 'acknowledged'] = Number(step) + 1;
    if (++read === lines) child.kill('SIGKILL');
  }
  await exited;
  clearTimeout(timer);
  if (read < lines) throw new Error(`seed ${seed}: the writer ended after ${read} lines`);
  return counts;
}

async function keptWrites(folder: string, seed: number, acknowledged: number, sent: number) {
  const model: Content = new Map();
  let kept = 0;
  for (; kept < acknowledged; kept++) applyTo(model, operationAt(seed, kept));
  {
    await using collection = await Collection.open(folder, KILL_SETTINGS);
    const found = await contentOf(collection);
    for (; !sameContent(found, model); kept++) {
      if (kept >= sent) throw lost(seed, acknowledged, sent);
      applyTo(model, operationAt(seed, kept));
    }
    for (let step = kept; step < kept + STEPS_AFTER; step++) {
      await send(collection, operationAt(seed, step));
      applyTo(model, operationAt(seed, step));
    }
  }
  await using again = await Collection.open(folder, KILL_SETTINGS);
  if (!sameContent(await contentOf(again), model)) throw lost(seed, kept + STEPS_AFTER, sent);
  return kept;
}

function lost(seed: number, acknowledged: number, sent: number): Error {
  return new Error(
    `seed ${seed}: the folder is not what the first ${acknowledged} to ${sent} writes make`,
  );
}
