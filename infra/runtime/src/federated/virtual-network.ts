// What the network does to virtual nodes, in virtual time: answers that never come, answers that come
// late. Everything follows from the run's seed; no clock is read.

import { AppError, clientSeed } from '@starling/shared';
import { seededUniforms } from '@starling/training';

/** Milliseconds of virtual time, from a stream of uniforms in (0, 1]. */
export type Delay = (uniform: () => number) => number;

export interface VirtualNetwork {
  /** Share of the answers that never come. */
  readonly dropOut: number;
  /** From the question to the answer. */
  readonly delay: Delay;
  /** Of a synchronous round: later answers do not count. */
  readonly deadlineMs: number;
  /** Share of the asked nodes that a synchronous round waits for: below 1 it asks more than it needs. */
  readonly waitFor: number;
}

export const PERFECT_NETWORK: VirtualNetwork = Object.freeze({
  dropOut: 0,
  delay: () => 0,
  deadlineMs: Number.POSITIVE_INFINITY,
  waitFor: 1,
});

/** What becomes of one question. */
export interface Fate {
  readonly isLost: boolean;
  readonly delayMs: number;
}

/** Keeps these draws apart from the nodes' own seeds. */
const STREAM = 0x6e657477;

/** @throws AppError `invalid-options`, naming the violated rule */
export function checkNetwork({ deadlineMs, dropOut, waitFor }: VirtualNetwork): void {
  const rules: Readonly<Record<string, boolean>> = {
    [`0 <= dropOut <= 1, but dropOut = ${dropOut}`]: dropOut >= 0 && dropOut <= 1,
    [`deadlineMs > 0, but deadlineMs = ${deadlineMs}`]: deadlineMs > 0,
    [`0 < waitFor <= 1, but waitFor = ${waitFor}`]: waitFor > 0 && waitFor <= 1,
  };
  const violated = Object.keys(rules).find((rule) => !rules[rule]);
  if (violated !== undefined) throw new AppError('invalid-options', violated);
}

/** The same question has the same fate in every run of the same seed. */
export function fateOf(
  { delay, dropOut }: VirtualNetwork,
  question: { readonly seed: number; readonly at: number; readonly node: string; kind: string },
): Fate {
  const { at, kind, node, seed } = question;
  const below = seededUniforms(clientSeed(seed ^ STREAM, at, `${kind} ${node}`));
  const uniform = () => 1 - below();
  const isLost = uniform() <= dropOut;
  return { isLost, delayMs: delay(uniform) };
}

const FAMILIES: Readonly<Record<string, (scaleMs: number) => Delay>> = {
  none: () => () => 0,
  constant: (ms) => () => ms,
  uniform: (ms) => (uniform) => 2 * ms * uniform(),
  exponential: (ms) => (uniform) => -ms * Math.log(uniform()),
  // Box & Muller 1958; FedBuff's delays (Nguyen et al. 2022) are of this kind.
  'half-normal': (ms) => (uniform) =>
    ms * Math.abs(Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())),
  // Shape 1.5: finite mean, infinite variance.
  pareto: (ms) => (uniform) => ms * uniform() ** (-1 / 1.5),
};

export const DELAY_FAMILIES = Object.keys(FAMILIES);

/** `half-normal:1000` and the like. @throws AppError `invalid-options` */
export function parseDelay(text: string): Delay {
  const [name = '', scale = '0', ...rest] = text.split(':');
  const family = Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined;
  const scaleMs = Number(scale);
  if (family !== undefined && rest.length === 0 && scaleMs >= 0 && Number.isFinite(scaleMs)) {
    return family(scaleMs);
  }
  const known = DELAY_FAMILIES.join(', ');
  throw new AppError(
    'invalid-options',
    `the delay ${text} is none of ${known} with milliseconds, such as half-normal:1000`,
  );
}
