// The path of the data without a roster's limit: signed updates of up to a thousand members, a
// megabyte each, verified, pulled and summed by one process.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FederationId } from '@starling/shared';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { LoadProcess } from './load-process.ts';
import type { SumCommand, SumReport } from './sum-worker.ts';

export const DATA_ELEMENTS = 262_144;
const FEDERATION = 'fe'.repeat(32) as FederationId;
const WORKER = join(import.meta.dirname, 'sum-worker.ts');

export interface DataRow {
  readonly members: number;
  readonly report: SumReport;
}

export async function measureData(
  members: number,
  { progress, signal }: BenchmarkContext,
): Promise<DataRow> {
  progress(`updates of ${members} members`);
  const folder = await mkdtemp(join(tmpdir(), 'starling-scale-'));
  const load = new LoadProcess();
  const child = fork(WORKER, { serialization: 'advanced' });
  try {
    const command = { elements: DATA_ELEMENTS, federation: FEDERATION, folder, members };
    const offered = await load.obey({ kind: 'offer', ...command }, signal);
    if (offered.kind !== 'offered') throw new Error(`the load process says ${offered.kind}`);
    const { elements } = command;
    const sum: SumCommand = { ...offered.updates, elements, federation: FEDERATION, folder };
    child.send(sum);
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('the summing process ended');
    });
    const [report] = (await Promise.race([once(child, 'message', { signal }), ended])) as [
      SumReport,
    ];
    ended.catch(() => undefined);
    return { members, report };
  } finally {
    if (child.connected) child.disconnect();
    await load.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export function rowOfData({ members, report }: DataRow): Row {
  return {
    table: 'updates verified, pulled and summed',
    contender: 'starling',
    case: `${members} updates`,
    figures: {
      ...report,
      cpuMsPerUpdate: (report.cpuSeconds * 1000) / members,
      updatesPerSecond: members / (report.verifySeconds + report.pullSeconds + report.sumSeconds),
    },
  };
}
