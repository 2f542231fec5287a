// The frame around every section: skip link, navigation, state of the connection, colours, sign-out.

/** @import { Section, View, VNode } from './types.ts' */
import { clockTime, duration } from './format.js';
import { learningView } from './learning-view.js';
import { ledgerView } from './ledger-view.js';
import { loginView } from './login-view.js';
import { meshView } from './mesh-view.js';
import { SECTIONS } from './model.js';
import { overviewView } from './overview-view.js';
import { patternsView } from './patterns-view.js';
import { privacyView } from './privacy-view.js';
import { NEEDED } from './resources.js';
import { roundsView } from './rounds-view.js';
import { sitesView } from './sites-view.js';
import { h } from './vdom.js';
import { versionsView } from './versions-view.js';

/** @type {Readonly<Record<Section, (view: View) => readonly (VNode | false | null)[]>>} */
const VIEWS = {
  overview: overviewView,
  rounds: roundsView,
  learning: learningView,
  versions: versionsView,
  sites: sitesView,
  mesh: meshView,
  patterns: patternsView,
  privacy: privacyView,
  ledger: ledgerView,
};

/** @type {Readonly<Record<Section, string>>} SVG paths on a grid of 16. */
const ICONS = {
  overview: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  rounds: 'M2 4h7M5 8h7M8 12h6',
  learning: 'M2 13V3M2 13h12M4 10l3-4 3 2 4-5',
  versions: 'M4 2v12M4 6h5a3 3 0 0 1 3 3v5',
  sites: 'M3 3h10v4H3zM3 9h10v4H3zM5.5 5h1M5.5 11h1',
  mesh: 'M3 4l10 1M3 4l4 9M13 5l-6 8M3 4h.1M13 5h.1M7 13h.1',
  patterns: 'M3 8l3 3 7-7M2 14h12',
  privacy: 'M4 7h8v7H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2',
  ledger: 'M3 2h10v12H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3',
};

/** @param {View} view @returns {VNode} */
export function drawPage(view) {
  if (view.model.token === null) return loginView(view);
  const { section } = view.model;
  const title = SECTIONS.find((each) => each.section === section)?.title ?? '';
  return h(
    'div',
    { class: 'shell', key: 'shell' },
    h('a', { class: 'skip', href: '#content', onclick: skipToContent }, 'Skip to content'),
    header(view),
    navigation(view),
    h(
      'main',
      { id: 'content', tabindex: '-1' },
      lostNotice(view),
      h(
        'section',
        { key: section, 'aria-labelledby': 'title' },
        h('h1', { id: 'title' }, title),
        ...failureNotices(view),
        ...VIEWS[section](view),
      ),
    ),
  );
}

/** The hash names the section, so the link moves the focus by itself. @param {Event} event */
function skipToContent(event) {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** @param {View} view */
function header({ choose, model, signOut }) {
  const { chosen, link, status } = model;
  const words = { connecting: 'connecting', live: 'live', lost: 'not connected' };
  return h(
    'header',
    { class: 'top' },
    h(
      'button',
      {
        class: 'menu',
        type: 'button',
        'aria-expanded': String(chosen.isMenuOpen),
        'aria-controls': 'sections',
        onclick: () => choose((each) => Object.assign(each, { isMenuOpen: !each.isMenuOpen })),
      },
      'Menu',
    ),
    h('div', { class: 'brand' }, mark(), h('span', null, status?.name ?? 'Starling')),
    h(
      'span',
      { class: `link ${link.state}`, title: linkTitle(link) },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      words[link.state],
    ),
    h(
      'label',
      { class: 'theme' },
      h('span', { class: 'unseen' }, 'Colours'),
      h(
        'select',
        {
          value: chosen.theme,
          onchange: (/** @type {Event} */ event) => {
            const { value } = /** @type {HTMLSelectElement} */ (event.target);
            choose((each) => Object.assign(each, { theme: value }));
          },
        },
        h('option', { value: 'system' }, 'System colours'),
        h('option', { value: 'light' }, 'Light'),
        h('option', { value: 'dark' }, 'Dark'),
      ),
    ),
    h('button', { type: 'button', class: 'quiet', onclick: () => signOut() }, 'Sign out'),
  );
}

/** @param {View['model']['link']} link */
function linkTitle(link) {
  if (link.state === 'live') return `events arrive since ${clockTime(link.sinceMs)}`;
  return link.state === 'lost' ? link.reason : 'asking the coordinator for its events';
}

/** @param {View} view */
function navigation({ model }) {
  return h(
    'nav',
    {
      id: 'sections',
      'aria-label': 'Sections',
      class: model.chosen.isMenuOpen ? 'open' : '',
      onkeydown: moveByArrow,
    },
    h(
      'ul',
      null,
      SECTIONS.map(({ section, title }) =>
        h(
          'li',
          { key: section },
          h(
            'a',
            {
              href: `#/${section}`,
              'aria-current': section === model.section ? 'page' : undefined,
            },
            h(
              'svg',
              { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'icon' },
              h('path', { d: ICONS[section] }),
            ),
            title,
          ),
        ),
      ),
    ),
  );
}

/** @param {KeyboardEvent} event */
function moveByArrow(event) {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const step = Reflect.get(steps, event.key);
  if (step === undefined) return;
  const nav = /** @type {Element} */ (event.currentTarget);
  const links = [...nav.querySelectorAll('a')];
  const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  links[(at + step + links.length) % links.length]?.focus();
  event.preventDefault();
}

/** @param {View} view */
function lostNotice({ model: { link }, nowMs }) {
  if (link.state !== 'lost') return null;
  const left = Math.max(0, link.retryAtMs - nowMs);
  const again = left === 0 ? 'trying again now' : `trying again in ${duration(left)}`;
  return h(
    'p',
    { class: 'notice warning', key: 'lost' },
    h('strong', null, `No connection since ${clockTime(link.sinceMs)}: `),
    `${link.reason}; ${again}. What you see is from before.`,
  );
}

/** @param {View} view */
function failureNotices({ model: { failures, section } }) {
  return NEEDED[section].flatMap((resource) => {
    const reason = failures[resource];
    if (reason === undefined) return [];
    const text = `${resource} cannot be shown: ${reason}`;
    return [h('p', { class: 'notice warning', key: `failed-${resource}` }, text)];
  });
}

function mark() {
  return h(
    'svg',
    { viewBox: '0 0 32 32', class: 'mark', 'aria-hidden': 'true' },
    h('path', { d: 'M4 19c6 0 7-11 15-11 4 0 6 2 6 5l4 1-4 1c0 6-6 10-12 10-5 0-8-2-9-6z' }),
  );
}
