// The engine of a new federation's chain from what its founder asks for; what is not safe for so many
// members is refused with its computed bound.

import { engineObjection, liarsOf, snowParametersFor } from '@starling/consensus';
import { type ChainEngine, chainEngineSchema, MICROS, type PollParameters } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';

/** Just below a fifth: more liars no sampled polls of few members are safe against. */
export const DEFAULT_BYZANTINE_SHARE = 0.19;
/** At most 10 to the minus this, per round. */
export const DEFAULT_SAFETY_EXPONENT = 15;

export interface SnowChoice {
  /** With how many members the chain will open. */
  readonly members: number;
  readonly byzantineShare?: number | undefined;
  readonly safetyExponent?: number | undefined;
  /** The fewest that are safe when absent. */
  readonly parameters?: PollParameters | undefined;
}

/** @throws {RuntimeError} `invalid-option`, with the numbers */
export function snowEngine({
  byzantineShare = DEFAULT_BYZANTINE_SHARE,
  members,
  parameters,
  safetyExponent: targetExponent = DEFAULT_SAFETY_EXPONENT,
}: SnowChoice): ChainEngine {
  const asked = { byzantineMicros: Math.round(byzantineShare * MICROS), targetExponent };
  const polls = parameters ?? snowParametersFor(asked, members);
  const parsed = chainEngineSchema.safeParse({ kind: 'snow', ...asked, parameters: polls });
  const fault = parsed.success
    ? (engineObjection(parsed.data, members) ?? frailty(parsed.data, members))
    : faultOf(parsed.error);
  if (parsed.success && fault === undefined) return parsed.data;
  throw new RuntimeError('invalid-option', `the engine snow may not run like this: ${fault}`);
}

/** Safe is not enough: all but the liars must answer for certificates to take over. */
function frailty(engine: ChainEngine, members: number): string | undefined {
  if (engine.kind === 'simplex' || liarsOf(engine, members) > 0) return undefined;
  const share = engine.byzantineMicros / MICROS;
  return (
    `a share of ${share} among ${members} members is none of them, so the chain stands still for ` +
    'good when one is away or revoked: take more members, or certificates'
  );
}

function faultOf({ issues }: { readonly issues: readonly { readonly message: string }[] }): string {
  return issues.map(({ message }) => message).join('; ');
}
