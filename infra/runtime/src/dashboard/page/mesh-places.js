// Asks the worker where the nodes stand, once per set of nodes: links that come and go while gossip
// grafts and prunes are drawn anew and move nobody.

/** @import { MeshView } from './api-types.ts' */
/** @import { Place } from './mesh-layout.js' */

export class MeshPlaces {
  #key = '';
  #onPlaced;
  /** @type {Worker | undefined} */
  #worker;
  /** @type {ReadonlyMap<string, Place>} */
  #places = new Map();

  /** @param {() => void} onPlaced */
  constructor(onPlaced) {
    this.#onPlaced = onPlaced;
  }

  /** Those that are known; others follow. @param {MeshView} mesh */
  of({ links, nodes }) {
    const members = nodes.map(({ member }) => member).sort();
    const key = members.join();
    if (key !== this.#key) {
      this.#key = key;
      const at = new Map(members.map((member, i) => [member, i]));
      const pairs = links.flatMap(({ from, to }) => {
        const pair = [at.get(from), at.get(to)];
        return pair.includes(undefined) ? [] : [pair];
      });
      this.#start(members).postMessage({ key, nodes: members.length, links: pairs });
    }
    return this.#places;
  }

  /** @param {readonly string[]} members */
  #start(members) {
    this.#worker?.terminate();
    const worker = new Worker(new URL('./mesh-layout-worker.js', import.meta.url), {
      type: 'module',
    });
    this.#worker = worker;
    worker.onmessage = ({ data: { key, places } }) => {
      if (key !== this.#key) return;
      this.#places = new Map(members.map((member, i) => [member, places[i]]));
      worker.terminate();
      this.#onPlaced();
    };
    return worker;
  }
}
