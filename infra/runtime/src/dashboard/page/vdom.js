// The difference between two descriptions of a page, applied to its elements: what stays keeps its
// focus, its scroll position and its listeners.

/** @import { Child, Props, VNode, Widget } from './types.ts' */

const SVG = 'http://www.w3.org/2000/svg';
/** @type {WeakMap<Node, VNode>} */
const drawn = new WeakMap();
/** @type {WeakMap<Element, { update(data: unknown): void, destroy(): void }>} */
const widgets = new WeakMap();

/**
 * Describes an element; `false`, `null` and `undefined` among the children are left out.
 * @param {string} tag
 * @param {Props | null} [props] attributes; `on…` functions are listeners, `style` is an object
 * @param {...(Child | readonly Child[])} children
 * @returns {VNode}
 */
export function h(tag, props, ...children) {
  const { key, ...rest } = props ?? {};
  /** @type {(VNode | string)[]} */
  const kept = [];
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    kept.push(typeof child === 'object' ? child : String(child));
  }
  return { tag, key: key === undefined ? undefined : String(key), props: rest, children: kept };
}

/**
 * Makes the children of `root` what is described, and gives the focus back where it was.
 * @param {Element} root
 * @param {readonly VNode[]} nodes
 */
export function render(root, nodes) {
  const focused = document.activeElement;
  patchChildren(root, nodes);
  const isLost = focused instanceof HTMLElement && document.activeElement !== focused;
  if (isLost && focused.isConnected) focused.focus({ preventScroll: true });
}

/** @param {Element} parent @param {readonly (VNode | string)[]} nodes */
function patchChildren(parent, nodes) {
  const [keyed, loose] = sortChildren(parent);
  /** @type {Node[]} */
  const wanted = nodes.map((node) => {
    const found = typeof node === 'object' && node.key !== undefined;
    const candidate = found ? keyed.get(node.key ?? '') : loose.shift();
    return candidate !== undefined && isSame(candidate, node) ? candidate : create(parent, node);
  });
  const staying = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!staying.has(child)) remove(child);
  let at = parent.firstChild;
  for (const [i, element] of wanted.entries()) {
    if (element === at) at = at.nextSibling;
    else parent.insertBefore(element, at);
    const node = nodes[i];
    if (typeof node === 'object') patch(/** @type {Element} */ (element), node);
    else if (element.nodeValue !== node) element.nodeValue = node ?? '';
  }
}

/** @param {Element} parent @returns {[Map<string, Node>, Node[]]} */
function sortChildren(parent) {
  /** @type {Map<string, Node>} */
  const keyed = new Map();
  /** @type {Node[]} */
  const loose = [];
  for (const child of parent.childNodes) {
    const key = drawn.get(child)?.key;
    if (key === undefined) loose.push(child);
    else keyed.set(key, child);
  }
  return [keyed, loose];
}

/** @param {Node} element @param {VNode | string} node */
function isSame(element, node) {
  if (typeof node === 'string') return element.nodeType === Node.TEXT_NODE;
  const before = drawn.get(element);
  return before?.tag === node.tag && before.props['widget'] === node.props['widget'];
}

/** @param {Element} parent @param {VNode | string} node @returns {Node} */
function create(parent, node) {
  if (typeof node === 'string') return document.createTextNode(node);
  const isSvg = node.tag === 'svg' || parent.namespaceURI === SVG;
  const element = isSvg
    ? document.createElementNS(SVG, node.tag)
    : document.createElement(node.tag);
  drawn.set(element, { ...node, props: {}, children: [] });
  return element;
}

/** @param {Element} element @param {VNode} node */
function patch(element, node) {
  const before = drawn.get(element)?.props ?? {};
  drawn.set(element, node);
  const widget = /** @type {Widget | undefined} */ (node.props['widget']);
  for (const name of Object.keys(before)) {
    if (!(name in node.props)) setProp(element, name, undefined);
  }
  for (const [name, value] of Object.entries(node.props)) {
    if (value !== before[name] || name === 'value') setProp(element, name, value);
  }
  if (widget === undefined) {
    patchChildren(element, node.children);
    return;
  }
  const running = widgets.get(element) ?? widget(element);
  widgets.set(element, running);
  running.update(node.props['data']);
}

/** @param {Element} element @param {string} name @param {unknown} value */
function setProp(element, name, value) {
  if (name === 'data') return;
  if (name === 'widget') {
    element.setAttribute('data-widget', '');
    return;
  }
  if (name.startsWith('on')) {
    Reflect.set(element, name, value ?? null);
  } else if (name === 'style') {
    const { style } = /** @type {HTMLElement} */ (element);
    for (const [property, text] of Object.entries(value ?? {})) style.setProperty(property, text);
  } else if (name === 'value' || name === 'checked') {
    if (Reflect.get(element, name) !== value) Reflect.set(element, name, value ?? '');
  } else if (value === undefined || value === null || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** @param {Node} node */
function remove(node) {
  if (node instanceof Element) {
    for (const child of node.querySelectorAll('[data-widget]')) widgets.get(child)?.destroy();
    widgets.get(node)?.destroy();
  }
  node.parentNode?.removeChild(node);
}
