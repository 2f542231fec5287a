// Asks every process of a finished run for what the report needs.

import type { DemoCorpus } from '../corpus/demo-corpus.ts';
import { LocalClient } from '../local-api/local-client.ts';
import type { LocalFederation } from '../processes/local-federation.ts';
import { askSites } from './ask-sites.ts';
import { buildReport, type DemoReport, type Metrics } from './demo-report.ts';
import type { SiteLearning } from './own-queries.ts';
import { readChains } from './pattern-phase.ts';

export interface FinishedRun {
  readonly federation: LocalFederation;
  readonly corpus: DemoCorpus;
  readonly seed: number;
  readonly isResumed: boolean;
  readonly phases: DemoReport['phases'];
  readonly pooled: ReadonlyMap<string, Metrics>;
  readonly learning: readonly SiteLearning[];
}

/** @throws {RuntimeError} when the coordinator or a living site does not answer */
export async function gatherReport({ federation, ...run }: FinishedRun): Promise<DemoReport> {
  const coordinator = await LocalClient.open(federation.coordinatorHome);
  const names = run.corpus.sites.map(({ name }) => name);
  const ofSites = await askSites(federation, names, (client) => client.samples());
  return buildReport({
    ...run,
    samples: [await coordinator.samples(), ...ofSites.values()].flat(),
    status: await coordinator.coordinatorStatus(),
    ledger: await coordinator.ledger(),
    died: federation.deaths.map(({ name }) => name),
    chains: await readChains(federation, names),
  });
}
