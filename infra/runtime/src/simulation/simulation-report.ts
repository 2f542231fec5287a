// The HTML report of a simulation: the run that was asked for, and sweeps around it.

import type { Simulation } from '@starling/consensus';
import { finalityByPeers, finalityUnderAttack, tipping } from './finality-figures.ts';
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

const FIGURES: readonly ((sweep: Sweep) => Promise<Figure> | Figure)[] = [
  finalityByPeers,
  finalityUnderAttack,
  tipping,
  violationsByShare,
  parameterMap,
];

/** The report as one self-contained page. Everything in it follows from the spec and its seed. */
export async function simulationReport(
  simulation: Simulation,
  options: ReportOptions,
): Promise<string> {
  const sweep = new Sweep(simulation.spec, options);
  const figures: Figure[] = [];
  for (const draw of FIGURES) figures.push(await draw(sweep));
  return reportPage({ simulation, figures });
}
