// Loads a module of the page for a test outside a browser. By its text, because web/page has no
// package.json that would tell Node.js what kind of module it is.

import { readFile } from 'node:fs/promises';

/** load returns the exports of a module that imports no other. */
export async function load(name) {
  const source = await readFile(new URL(`../../web/page/${name}`, import.meta.url), 'utf8');
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
}
