// Rounds as bars of their phases: on one clock, or each from its own beginning.

/** @import { RoundView } from './api-types.ts' */
/** @import { VNode } from './types.ts' */
import { clockTime, duration } from './format.js';
import { h } from './vdom.js';

/** Phases in the order in which a round goes through them. */
export const PHASES = ['training', 'sharing', 'masking', 'signing', 'unmasking', 'voting'];
const WIDTH = 1000;
/** A phase is seen however short it was. */
const WIDTH_MIN = 2;

/** @param {RoundView} round @param {number} nowMs */
export function roundSpan({ closedAtMs, openedAtMs }, nowMs) {
  return Math.max(0, (closedAtMs ?? nowMs) - openedAtMs);
}

/**
 * Phases that took time; the outcome itself takes none.
 * @param {RoundView} round @param {number} nowMs
 */
export function phasesOf({ closedAtMs, phases }, nowMs) {
  return phases
    .filter(({ phase }) => PHASES.includes(phase))
    .map(({ fromMs, phase, untilMs }) => ({
      phase,
      fromMs,
      lastedMs: Math.max(0, (untilMs ?? closedAtMs ?? nowMs) - fromMs),
      isRunning: untilMs === null && closedAtMs === null,
    }));
}

/** One round from its own beginning. @param {RoundView} round @param {number} longestMs @param {number} nowMs */
export function roundBar(round, longestMs, nowMs) {
  const words = phasesOf(round, nowMs).map((each) => `${each.phase} ${duration(each.lastedMs)}`);
  return h(
    'svg',
    {
      class: 'phases',
      viewBox: `0 0 ${WIDTH} 16`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': words.join(', ') || 'no phase has begun',
    },
    h('rect', { class: 'track', width: WIDTH, height: 16 }),
    segments(round, round.openedAtMs, WIDTH / Math.max(1, longestMs), nowMs),
  );
}

/** All rounds on one clock, from left to right. @param {readonly RoundView[]} rounds newest first @param {number} nowMs */
export function timeLine(rounds, nowMs) {
  const fromMs = rounds.at(-1)?.openedAtMs ?? nowMs;
  const untilMs = Math.max(fromMs + 1, rounds[0]?.closedAtMs ?? nowMs);
  const scale = WIDTH / (untilMs - fromMs);
  const [newest, oldest] = [rounds[0]?.round, rounds.at(-1)?.round];
  const label = `Rounds ${oldest} to ${newest}, from ${clockTime(fromMs)} to ${clockTime(untilMs)}`;
  return h(
    'figure',
    { class: 'time-line' },
    roundMarks(rounds, fromMs, untilMs),
    h(
      'svg',
      {
        class: 'phases',
        viewBox: `0 0 ${WIDTH} 28`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': label,
      },
      h('rect', { class: 'track', width: WIDTH, height: 28 }),
      rounds.map((round) =>
        h(
          'g',
          { key: round.round },
          h('title', null, `round ${round.round}: ${round.phase}`),
          segments(round, fromMs, scale, nowMs, 28),
          h('rect', {
            class: round.phase === 'failed' ? 'edge failed' : 'edge',
            x: ((round.openedAtMs - fromMs) * scale).toFixed(1),
            width: 1.5,
            height: 28,
          }),
        ),
      ),
    ),
    h(
      'figcaption',
      null,
      h('span', null, clockTime(fromMs)),
      h('span', null, `rounds ${oldest} to ${newest}, ${duration(untilMs - fromMs)} in all`),
      h('span', null, clockTime(untilMs)),
    ),
  );
}

/** Numbers above the beginning of each round. @param {readonly RoundView[]} rounds @param {number} fromMs @param {number} untilMs */
function roundMarks(rounds, fromMs, untilMs) {
  return h(
    'div',
    { class: 'round-marks', 'aria-hidden': 'true' },
    rounds.map(({ openedAtMs, round }) => {
      const share = (openedAtMs - fromMs) / (untilMs - fromMs);
      return h('span', { key: round, style: { left: `${(100 * share).toFixed(2)}%` } }, round);
    }),
  );
}

/** What the colours mean. */
export function phaseLegend() {
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Phases' },
    PHASES.map((phase) =>
      h(
        'li',
        { key: phase },
        h('span', { class: `swatch ${phase}`, 'aria-hidden': 'true' }),
        phase,
      ),
    ),
  );
}

/**
 * @param {RoundView} round
 * @param {number} originMs
 * @param {number} scale units per millisecond
 * @param {number} nowMs
 * @param {number} [height]
 * @returns {VNode[]}
 */
function segments(round, originMs, scale, nowMs, height = 16) {
  return phasesOf(round, nowMs).map(({ fromMs, isRunning, lastedMs, phase }, at) =>
    h(
      'rect',
      {
        key: at,
        class: isRunning ? `${phase} running` : phase,
        x: ((fromMs - originMs) * scale).toFixed(1),
        width: Math.max(WIDTH_MIN, lastedMs * scale).toFixed(1),
        height,
      },
      h('title', null, `round ${round.round}, ${phase}: ${duration(lastedMs)}`),
    ),
  );
}
