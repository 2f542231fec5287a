// Command lines run in this process, for tests. Never two at a time.

import { main } from './main.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of a line without quotes. */
export function words(line: string): string[] {
  return line === '' ? [] : line.split(' ');
}

/** Runs one command line, with what it prints kept. */
export async function run(...args: readonly string[]): Promise<Ended> {
  const kept = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write;
    stream.write = (text: string | Uint8Array) => {
      kept[name] += String(text);
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    const code = await main(args, '0.0.0');
    return { code, ...kept };
  } finally {
    for (const undo of restore) undo();
  }
}
