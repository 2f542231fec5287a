// What a decision costs on the wire with each engine, in peace: where they cross, a federation that
// counts messages or bytes should change its engine.

import { carriedParametersFor } from '../../bounds/carry-over.ts';
import { DEFAULT_SNOW_PARAMETERS, type SnowParameters } from '../../snow/parameters.ts';
import type { MessageLevelOutcome } from './outcome.ts';
import { runMessageLevel } from './run-message-level.ts';
import { runSnowChain } from './run-snow-chain.ts';

export interface EngineTraffic {
  readonly engine: 'simplex' | 'snow';
  readonly members: number;
  /** How the engine snow polls; undefined for certificates. */
  readonly parameters: SnowParameters | undefined;
  /** Of the whole cluster, per decided block. */
  readonly messages: number;
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Both engines with `members` members, none of which lies: the snow engine with polls of everybody,
 * where the bound allows them, and with the smallest sample for `faulty` liars.
 */
export function engineTraffic(
  members: number,
  { faulty, heights, seed }: { faulty: number; heights: number; seed: number },
): EngineTraffic[] {
  const run = { members, heights, seed };
  const rows = [rowOf('simplex', undefined, runMessageLevel({ ...run, proposers: 1 }))];
  for (const parameters of [full(members, faulty), smallest(members, faulty)]) {
    if (parameters === undefined) continue;
    rows.push(rowOf('snow', parameters, runSnowChain({ ...run, faulty, parameters })));
  }
  return rows;
}

function rowOf(
  engine: EngineTraffic['engine'],
  parameters: SnowParameters | undefined,
  { members, messages, bytes, decided, simulatedMs }: MessageLevelOutcome,
): EngineTraffic {
  const decisions = Math.max(1, ...decided.map(({ decisions: own }) => own.length));
  return {
    engine,
    members,
    parameters,
    messages: messages / decisions,
    bytes: bytes / decisions,
    ms: simulatedMs / decisions,
  };
}

/** Everybody is asked once, and all that do not lie must agree. */
function full(members: number, faulty: number): SnowParameters | undefined {
  const [alphaPreference, alphaConfidence] = [Math.floor(members / 2) + 1, members - faulty];
  if (alphaPreference > alphaConfidence || 5 * faulty >= members) return undefined;
  const poll = { k: members, alphaPreference, alphaConfidence, beta: 1, concurrentRepolls: 1 };
  return { ...DEFAULT_SNOW_PARAMETERS, ...poll };
}

function smallest(members: number, faulty: number): SnowParameters | undefined {
  const found = carriedParametersFor(members, faulty);
  if (found === undefined) return undefined;
  const { k, alphaPreference, alphaConfidence, beta } = found;
  const concurrentRepolls = Math.min(DEFAULT_SNOW_PARAMETERS.concurrentRepolls, beta);
  return {
    ...DEFAULT_SNOW_PARAMETERS,
    k,
    alphaPreference,
    alphaConfidence,
    beta,
    concurrentRepolls,
  };
}
