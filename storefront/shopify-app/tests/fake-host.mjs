/** Shopify's side of a UI extension, as little of it as the bundle needs: a tree of elements, and the page's data. */

import { createContext, runInContext } from 'node:vm';

class Node {
  childNodes = [];
  parentNode = null;

  get firstChild() {
    return this.childNodes[0] ?? null;
  }

  get nextSibling() {
    const beside = this.parentNode?.childNodes ?? [];
    return beside[beside.indexOf(this) + 1] ?? null;
  }

  insertBefore(child, before) {
    child.parentNode?.removeChild(child);
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }

  appendChild(child) {
    return this.insertBefore(child, null);
  }

  removeChild(child) {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
    return child;
  }

  remove() {
    this.parentNode?.removeChild(this);
  }
}

class Text extends Node {
  nodeType = 3;

  constructor(data) {
    super();
    this.data = data;
  }

  toString() {
    return this.data;
  }
}

class Element extends Node {
  nodeType = 1;
  attributes = new Map();

  constructor(localName) {
    super();
    this.localName = localName;
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  addEventListener() {}

  removeEventListener() {}

  toString() {
    const named = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join('');
    return `<${this.localName}${named}>${this.childNodes.join('')}</${this.localName}>`;
  }
}

/**
 * Run a bundle; every pause lasts a millisecond.
 *
 * @param {string} script
 * @param {(address: string, init: RequestInit) => Promise<Response>} fetch the gateway
 */
export function host(script, fetch) {
  const starts = new Map();
  const body = new Element('body');
  const shopify = { extend: (target, start) => starts.set(target, start), setSignals() {} };
  const document = {
    body,
    createElementNS: (_space, name) => new Element(name),
    createTextNode: (data) => new Text(data),
  };
  const soon = (run, ms = 0, ...given) => setTimeout(run, Math.min(ms, 1), ...given);
  const world = {
    AbortController, URLSearchParams, clearTimeout, console, document, fetch, queueMicrotask, shopify,
    setTimeout: soon,
    requestAnimationFrame: soon,
    cancelAnimationFrame: clearTimeout,
  };
  runInContext(script, createContext(world));
  return {
    targets: [...starts.keys()].sort(),
    /** What is on the page now. */
    shown: () => body.childNodes.join(''),
    /** @param {string} target @param {object} page what Shopify tells the extension there */
    start: (target, page) => starts.get(target).call(undefined, Object.assign(shopify, page)),
  };
}
