// Small elements that several sections are made of.

/** @import { Child, VNode } from './types.ts' */
import { absolute, relative } from './format.js';
import { h } from './vdom.js';

/** @typedef {'good' | 'busy' | 'neutral' | 'warning' | 'bad'} Tone */

/** A word with a colour and, for those who see none, a sign. @param {Tone} tone @param {string} text */
export function badge(tone, text) {
  const signs = { good: '✓', busy: '◐', neutral: '○', warning: '!', bad: '✕' };
  return h(
    'span',
    { class: `badge ${tone}` },
    h('span', { 'aria-hidden': 'true' }, signs[tone]),
    text,
  );
}

/** How long ago, with the instant itself in the title. @param {number | null} atMs @param {number} nowMs */
export function instant(atMs, nowMs) {
  if (atMs === null) return h('span', { class: 'soft' }, 'never');
  const iso = new Date(atMs).toISOString();
  return h('time', { datetime: iso, title: absolute(atMs) }, relative(atMs, nowMs));
}

/** What there is not yet, and what to do about it. @param {string} what @param {...Child} advice */
export function emptyState(what, ...advice) {
  return h(
    'div',
    { class: 'empty', key: 'empty' },
    h('p', null, h('strong', null, what)),
    h('p', null, ...advice),
  );
}

export function loading() {
  return h('p', { class: 'soft', key: 'loading' }, 'Asking the coordinator…');
}

/** @param {string} label @param {Child} value @param {Child} [detail] @param {string} [href] */
export function tile(label, value, detail, href) {
  return h(
    'div',
    { class: 'tile', key: label },
    h('dt', null, href === undefined ? label : h('a', { href }, label)),
    h('dd', null, h('span', { class: 'value' }, value), h('span', { class: 'soft' }, detail)),
  );
}

/** A share as a bar; the number stands beside it. @param {number} share 0 to 1 @param {string} label @param {Tone} tone */
export function bar(share, label, tone) {
  const width = 100 * Math.min(1, Math.max(0, share));
  return h(
    'svg',
    { class: `bar ${tone}`, viewBox: '0 0 100 6', preserveAspectRatio: 'none', role: 'img' },
    h('title', null, label),
    h('rect', { class: 'track', width: 100, height: 6 }),
    h('rect', { class: 'fill', width: width.toFixed(2), height: 6 }),
  );
}

/** A part of a section with a heading. @param {string} title @param {...(Child | readonly Child[])} children @returns {VNode} */
export function card(title, ...children) {
  return h('section', { class: 'card', key: title }, h('h2', null, title), ...children);
}

/**
 * A scrollable place that the keyboard reaches.
 * @param {string} label @param {VNode} child
 */
export function scroller(label, child) {
  return h('div', { class: 'scroller', tabindex: '0', role: 'group', 'aria-label': label }, child);
}
