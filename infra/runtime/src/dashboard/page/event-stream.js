// Server-sent events out of a fetched body: an EventSource cannot send a bearer token.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

/** @typedef {{ readonly event: string, readonly data: string, readonly id: string }} StreamEvent */

/** UTF-16 units of one event; a stream that exceeds it is not ours. */
export const EVENT_LENGTH_MAX = 8 * 1024 * 1024;

/** Takes text in pieces of any size and gives the events that are whole. */
export class EventParser {
  #rest = '';
  #event = '';
  #id = '';
  /** @type {string[]} */
  #data = [];

  /** @param {string} text @returns {StreamEvent[]} @throws {RangeError} for an event too long */
  push(text) {
    this.#rest += text;
    if (this.#rest.length > EVENT_LENGTH_MAX) throw new RangeError('an event is too long');
    /** @type {StreamEvent[]} */
    const events = [];
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const done = this.#take(line);
      if (done !== undefined) events.push(done);
    }
    return events;
  }

  /** @param {string} line @returns {StreamEvent | undefined} */
  #take(line) {
    if (line === '') {
      const data = this.#data.join('\n');
      const event = { event: this.#event || 'message', data, id: this.#id };
      const isEvent = this.#data.length > 0;
      this.#event = '';
      this.#data = [];
      return isEvent ? event : undefined;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? [];
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }
}
