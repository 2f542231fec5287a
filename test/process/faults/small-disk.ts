// A site's folder on a file system of its own that can be filled to the last byte (Linux, root).

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024);
const BALLAST = 'ballast';

/** What stands in the way of one, in words; undefined when nothing does. */
export function smallDiskObjection(): string | undefined {
  if (process.platform !== 'linux') return 'a disk of its own: only on Linux';
  if (process.getuid?.() !== 0) return 'a disk of its own: only root mounts one';
  const folder = mkdtempSync(join(tmpdir(), 'starling-mount-'));
  try {
    const refusal = mount(folder, 1);
    unmount(folder);
    return refusal === undefined ? undefined : `a disk of its own: ${refusal}`;
  } finally {
    rmdirSync(folder);
  }
}

export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts it at a new folder. @throws {Error} with what mount says */
  static async mount(folder: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true });
    const refusal = mount(folder, megabytes);
    if (refusal !== undefined) throw new Error(refusal);
    return new SmallDisk(folder);
  }

  /** Leaves no byte free. */
  fill(): void {
    const file = openSync(join(this.folder, BALLAST), 'a');
    try {
      for (;;) if (writeSync(file, CHUNK) === 0) return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives the space back. */
  empty(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  unmount(): void {
    unmount(this.folder);
  }
}

/** What mount says when it does not. */
function mount(folder: string, megabytes: number): string | undefined {
  const options = `size=${megabytes}m,mode=0700`;
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  return status === 0 ? undefined : `mount says ${stderr}`;
}

function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder]);
}
