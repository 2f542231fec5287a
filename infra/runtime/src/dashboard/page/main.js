// The dashboard: one model, one drawing per frame, one stream of events.

/** @import { Chosen, Model, Resource, View } from './types.ts' */
/** @import { ApiError } from './api-client.js' */
/** @import { StreamEvent } from './event-stream.js' */
import { ask } from './api-client.js';
import { followEvents } from './live-feed.js';
import { MeshPlaces } from './mesh-places.js';
import { applyEvent, emptyModel, nothingKnown, SECTIONS, sectionOf } from './model.js';
import { Resources } from './resources.js';
import { drawPage } from './shell.js';
import { render } from './vdom.js';

const TOKEN_KEY = 'starling-token';
const THEME_KEY = 'starling-theme';
/** Milliseconds after which spans such as "3 minutes ago" are drawn anew. */
const CLOCK_MS = 10_000;

const model = emptyModel();
const page = /** @type {Element} */ (document.getElementById('page'));
let frame = 0;
/** @type {AbortController | undefined} */
let session;
/** @type {Resources | undefined} */
let resources;

/** @type {Omit<View, 'nowMs'>} */
const actions = { model, places: new MeshPlaces(draw), choose, signIn, signOut, verifyLedger };

start();

function start() {
  takeToken();
  model.token = sessionStorage.getItem(TOKEN_KEY);
  model.chosen.theme = themeFrom(localStorage.getItem(THEME_KEY));
  model.section = sectionOf(location.hash);
  globalThis.addEventListener('hashchange', onNavigated);
  setInterval(() => draw(), CLOCK_MS);
  if (model.token !== null) open(model.token);
  draw();
}

/** From an address such as `#token=…`, which keeps it out of logs, and not longer in the history. */
function takeToken() {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', '#/overview');
}

/** However much changed, the page is drawn once per frame. */
function draw() {
  if (frame !== 0) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    const { theme } = model.chosen;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    const title = SECTIONS.find(({ section }) => section === model.section)?.title ?? '';
    const name = model.status === null ? 'Starling' : `${model.status.name} · Starling`;
    document.title = model.token === null ? 'Sign in · Starling' : `${title} · ${name}`;
    render(page, [drawPage({ ...actions, nowMs: Date.now() })]);
  });
}

function onNavigated() {
  if (location.hash.startsWith('#token=')) return location.reload();
  model.section = sectionOf(location.hash);
  model.chosen.isMenuOpen = false;
  resources?.show();
  draw();
  requestAnimationFrame(() => document.getElementById('content')?.focus());
}

/** @param {(chosen: Chosen) => void} change @param {Resource} [reload] */
function choose(change, reload) {
  change(model.chosen);
  localStorage.setItem(THEME_KEY, model.chosen.theme);
  if (reload !== undefined) resources?.reload(reload);
  draw();
}

/** @param {string} token */
function signIn(token) {
  model.refusal = null;
  model.token = token;
  sessionStorage.setItem(TOKEN_KEY, token);
  open(token);
  draw();
}

/** @param {ApiError} [refusal] */
function signOut(refusal) {
  session?.abort();
  resources?.stop();
  sessionStorage.removeItem(TOKEN_KEY);
  Object.assign(model, nothingKnown(), { token: null, link: { state: 'connecting' } });
  model.refusal = refusal?.message ?? null;
  draw();
}

/** @param {string} token */
function open(token) {
  session?.abort();
  resources?.stop();
  session = new AbortController();
  const { signal } = session;
  const asked = new Resources(model, draw, signOut);
  resources = asked;
  asked.show();
  const onEvent = (/** @type {StreamEvent} */ event) => {
    applyEvent(model, event);
    // Too much happened meanwhile to be told event by event.
    if (event.event === 'reset') asked.expireAll();
    else asked.expireAfter(event.event);
    draw();
  };
  followEvents(
    token,
    {
      onEvent,
      onLink: (link) => {
        announce(link.state === 'lost' ? `Connection lost: ${link.reason}` : 'Connected');
        model.link = link;
        draw();
      },
      onNoStream: () => asked.expireAll(),
      onResumed: () => asked.expireAll(),
      onRefused: signOut,
    },
    signal,
  );
}

async function verifyLedger() {
  const { token } = model;
  if (token === null || session === undefined) return;
  const nothing = { problems: [], signaturesVerified: 0, atMs: Date.now() };
  model.check = { ...nothing, state: 'running' };
  draw();
  try {
    const answer = await ask('/ledger/verification', token, session.signal);
    const { problems, signaturesVerified } = /** @type {any} */ (answer);
    model.check = { state: 'done', problems, signaturesVerified, atMs: Date.now() };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    model.check = { ...nothing, state: 'failed', problems: [problem] };
  }
  announce(model.check.problems.length === 0 ? 'The books balance' : 'The ledger does not verify');
  draw();
}

/** Said by screen readers. @param {string} text */
function announce(text) {
  const place = document.getElementById('announcements');
  if (place !== null && place.textContent !== text) place.textContent = text;
}

/** @param {string | null} text @returns {Model['chosen']['theme']} */
function themeFrom(text) {
  return text === 'light' || text === 'dark' ? text : 'system';
}
