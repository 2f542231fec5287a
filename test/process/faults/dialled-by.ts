// Which process opened a TCP connection on loopback (Linux: /proc).

import { readdir, readFile, readlink } from 'node:fs/promises';

const LOOPBACK = '0100007F';

/**
 * The name of the process whose end of the connection has `fromPort`; undefined for a process that is
 * not among these, and where there is no /proc.
 */
export async function dialledBy(
  fromPort: number,
  toPort: number,
  processes: Iterable<readonly [name: string, pid: number]>,
): Promise<string | undefined> {
  const inode = await inodeOf(fromPort, toPort);
  if (inode === undefined) return undefined;
  for (const [name, pid] of processes) {
    if (await hasOpen(pid, `socket:[${inode}]`)) return name;
  }
  return undefined;
}

async function inodeOf(fromPort: number, toPort: number): Promise<string | undefined> {
  const table = await readFile('/proc/net/tcp', 'utf8').catch(() => '');
  const ends = `${end(fromPort)} ${end(toPort)}`;
  const line = table.split('\n').find((each) => each.includes(ends));
  return line?.trim().split(/\s+/)[9];
}

function end(port: number): string {
  return `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

async function hasOpen(pid: number, target: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = names.map((name) => readlink(`${folder}/${name}`).catch(() => ''));
  return (await Promise.all(links)).includes(target);
}
