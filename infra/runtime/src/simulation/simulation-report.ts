// The HTML report of a simulation: the run that was asked for, and sweeps around it.

import type { Simulation } from '@starling/consensus';
import { finalityByPeers, finalityUnderAttack, tipping } from './finality-figures.ts';
import {
  latencyByFaults,
  partitionOfCertificates,
  partitionOfPolls,
  trafficByEngine,
} from './message-figures.ts';
import { reportPage } from './report-page.ts';
import { parameterMap, violationsByShare } from './safety-figures.ts';
import { type Figure, Sweep } from './sweep.ts';

export interface ReportOptions {
  /** A fifth of the runs. */
  readonly isQuick: boolean;
  readonly signal: AbortSignal;
  /** Told which part is being computed. */
  readonly onStep: (text: string) => void;
}

type Draw = (sweep: Sweep) => Figure | Promise<Figure | readonly Figure[]>;

const FIGURES: readonly Draw[] = [
  finalityByPeers,
  finalityUnderAttack,
  tipping,
  violationsByShare,
  parameterMap,
  trafficByEngine,
  latencyByFaults,
  partitionOfCertificates,
  partitionOfPolls,
];

/** The report as one self-contained page. Everything in it follows from the spec and its seed. */
export async function simulationReport(
  simulation: Simulation,
  options: ReportOptions,
): Promise<string> {
  const sweep = new Sweep(simulation.spec, options);
  const figures: Figure[] = [];
  for (const draw of FIGURES) figures.push(...[await draw(sweep)].flat());
  return reportPage({ simulation, figures });
}
