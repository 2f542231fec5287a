// The layout of the mesh, off the page's thread.

import { layOut } from './mesh-layout.js';

globalThis.addEventListener('message', ({ data: { key, links, nodes } }) => {
  globalThis.postMessage({ key, ...layOut(nodes, links) });
});
