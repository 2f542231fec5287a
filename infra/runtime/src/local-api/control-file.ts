// `control.json` in a site's folder, readable by its owner alone: who serves the folder, and how to
// ask it. It may outlive a killed process.

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@starling/shared';

export const CONTROL_FILE = 'control.json';

const controlSchema = z.strictObject({
  pid: z.int().positive(),
  port: z.int().min(1).max(65_535),
  role: z.enum(['coordinator', 'peer']),
  /** Bearer token of every request. */
  token: z.string().min(1),
});

export type ControlFile = z.infer<typeof controlSchema>;

/** Undefined when there is none, or none that can be understood. */
export async function readControl(home: string): Promise<ControlFile | undefined> {
  try {
    const text = await readFile(join(home, CONTROL_FILE), 'utf8');
    return controlSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Appears whole: a reader sees the old file or the new one. */
export async function writeControl(home: string, control: ControlFile): Promise<void> {
  const path = join(home, CONTROL_FILE);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, JSON.stringify(control), { mode: 0o600 });
  await rename(draft, path);
}

export async function removeControl(home: string): Promise<void> {
  await rm(join(home, CONTROL_FILE), { force: true });
}
