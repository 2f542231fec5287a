// How a coordinator grows with its members: whole rounds up to what a roster holds, the path of the
// data up to a thousand updates, and on paper up to ten thousand sites.

import { ROSTER_MEMBERS_MAX } from '@starling/shared';
import type { Benchmark } from './benchmark.ts';
import { measureData, rowOfData } from './scale/data-case.ts';
import { paperRow } from './scale/paper.ts';
import { measureRounds } from './scale/rounds-case.ts';

const SITES = [10, 100, 1_000, 10_000];

export const benchmark: Benchmark = {
  name: 'scale',
  summary: 'a coordinator with 10, 100 and 1,000 members: processor, memory, messages, time',
  baseline: undefined,
  cases: ['rounds', 'data'],
  async *run(context) {
    const { cases, isQuick } = context;
    const isAsked = (name: string) => cases.length === 0 || cases.includes(name);
    if (isAsked('rounds')) {
      yield* measureRounds(isQuick ? [10] : [10, ROSTER_MEMBERS_MAX], isQuick ? 2 : 5, context);
    }
    if (!isAsked('data')) return;
    let cpuMsPerUpdate = 0;
    for (const members of isQuick ? [10, 100] : [10, 100, 1_000]) {
      const measured = await measureData(members, context);
      cpuMsPerUpdate = (measured.report.cpuSeconds * 1000) / members;
      yield rowOfData(measured);
    }
    for (const sites of SITES) {
      yield paperRow(sites, sites, cpuMsPerUpdate);
      if (sites > ROSTER_MEMBERS_MAX) yield paperRow(sites, ROSTER_MEMBERS_MAX, cpuMsPerUpdate);
    }
  },
};
