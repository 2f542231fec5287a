// Which answers each section needs, asked for when it is looked at and again when an event says so:
// at most one question per resource at a time, and not more often than every few seconds.

/** @import { Model, Resource, Section } from './types.ts' */
import { ApiError, ask } from './api-client.js';
import { ROUNDS_PER_PAGE } from './model.js';

/** Milliseconds between two answers to the same question, for what events make stale. */
export const REFRESH_MS_MIN = 3_000;
/** Lines of the ledger's history on one page. */
export const HISTORY_PER_PAGE = 50;

/** @type {Readonly<Record<Section, readonly Resource[]>>} */
export const NEEDED = {
  overview: ['status', 'rounds', 'members', 'versions', 'evaluations'],
  rounds: ['status', 'rounds', 'members'],
  learning: ['status', 'members', 'versions', 'evaluations'],
  versions: ['status', 'members', 'versions'],
  sites: ['status', 'members'],
  mesh: ['status', 'members', 'mesh'],
  patterns: ['status', 'members', 'patterns'],
  privacy: ['status', 'members'],
  ledger: ['status', 'members', 'balances', 'history'],
};

/** What an event does not carry whole. @type {Readonly<Record<string, readonly Resource[]>>} */
const STALE_AFTER = {
  member: ['mesh', 'evaluations'],
  status: ['patterns'],
  version: ['evaluations'],
  ledger: ['balances', 'history'],
};

export class Resources {
  #model;
  #onChange;
  #onRefused;
  #stop = new AbortController();
  /** @type {Set<Resource>} */
  #running = new Set();
  /** @type {Set<Resource>} */
  #stale = new Set();
  /** @type {Map<Resource, number>} */
  #askedMs = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Model} model which it fills
   * @param {() => void} onChange
   * @param {(error: ApiError) => void} onRefused the token does not count
   */
  constructor(model, onChange, onRefused) {
    this.#model = model;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
  }

  /** Asks for what the present section lacks. */
  show() {
    for (const resource of NEEDED[this.#model.section]) {
      const isKnown = this.#model[resource] !== null && !this.#stale.has(resource);
      if (!isKnown) this.#load(resource);
    }
  }

  /** @param {readonly Resource[]} resources which are not true any more */
  expire(resources) {
    for (const resource of resources) this.#stale.add(resource);
    this.#schedule();
  }

  /** @param {string} event its name */
  expireAfter(event) {
    this.expire(STALE_AFTER[event] ?? []);
  }

  /** Everything may have changed meanwhile. */
  expireAll() {
    this.expire(/** @type {Resource[]} */ ([...new Set(Object.values(NEEDED).flat())]));
  }

  /** At once, whatever is known: the reader asked for another page. @param {Resource} resource */
  reload(resource) {
    this.#running.delete(resource);
    this.#load(resource);
  }

  stop() {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  #schedule() {
    if (this.#timer !== undefined || this.#stop.signal.aborted) return;
    const due = NEEDED[this.#model.section].filter((resource) => this.#stale.has(resource));
    if (due.length === 0) return;
    const nowMs = Date.now();
    const waits = due.map((each) => (this.#askedMs.get(each) ?? 0) + REFRESH_MS_MIN - nowMs);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        for (const each of due) if (this.#stale.has(each)) this.#load(each);
      },
      Math.max(0, ...waits),
    );
  }

  /** @param {Resource} resource */
  async #load(resource) {
    const { token } = this.#model;
    if (token === null || this.#running.has(resource)) return;
    this.#running.add(resource);
    this.#stale.delete(resource);
    this.#askedMs.set(resource, Date.now());
    const path = pathOf(resource, this.#model);
    try {
      const answer = await ask(path, token, this.#stop.signal);
      if (this.#stop.signal.aborted || path !== pathOf(resource, this.#model)) return;
      take(this.#model, resource, answer);
      delete this.#model.failures[resource];
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.#onRefused(error);
      // That nobody answers at all is said once, where the connection is.
      if (error.status !== 0) this.#model.failures[resource] = error.message;
    } finally {
      this.#running.delete(resource);
    }
    this.#onChange();
    this.#schedule();
  }
}

/** @param {Resource} resource @param {Model} model */
function pathOf(resource, { chosen }) {
  switch (resource) {
    case 'rounds': {
      const before = chosen.roundsBefore === null ? '' : `&before=${chosen.roundsBefore}`;
      return `/rounds?limit=${ROUNDS_PER_PAGE}${before}`;
    }
    case 'balances':
      return '/ledger/balances';
    case 'history': {
      const before = chosen.historyBefore === null ? '' : `&before=${chosen.historyBefore}`;
      return `/ledger/history?limit=${HISTORY_PER_PAGE}${before}`;
    }
    default:
      return `/${resource}`;
  }
}

/** @param {Model} model @param {Resource} resource @param {any} answer */
function take(model, resource, answer) {
  switch (resource) {
    case 'rounds':
      model.rounds = answer.rounds;
      break;
    case 'members':
      model.members = byKey(answer.members, 'member');
      break;
    case 'patterns':
      model.patterns = byKey(answer.patterns, 'id');
      break;
    case 'balances':
      model.balances = answer.balances;
      break;
    case 'history':
      model.history = answer.entries;
      break;
    default:
      Reflect.set(model, resource, answer);
  }
}

/** @param {readonly any[]} list @param {string} key */
function byKey(list, key) {
  return new Map(list.map((each) => [each[key], each]));
}
