// The page's files, read once. Everything but the document lies in a folder named by the content of
// all files, so it may be kept for ever and still never is out of date.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Quoted, as the header `ETag` has it. */
  readonly etag: string;
}

export interface PageFiles {
  readonly document: PageFile;
  /** By path, from the slash on. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const PAGE_FOLDER = join(import.meta.dirname, 'page');
/** In the document's text, what becomes the folder of the other files. */
const ASSETS_WORD = /\bASSETS\b/g;
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** @throws {Error} when a file of the installation is missing */
export async function readPageFiles(): Promise<PageFiles> {
  const names = (await readdir(PAGE_FOLDER)).filter((name) => /\.(css|html|js|svg)$/.test(name));
  const files = new Map<string, Buffer<ArrayBuffer>>();
  for (const name of names.sort()) files.set(name, await readFile(join(PAGE_FOLDER, name)));
  const plot = dirname(createRequire(import.meta.url).resolve('uplot'));
  files.set('uplot.js', await readFile(join(plot, 'uPlot.esm.js')));
  files.set('uplot.css', await readFile(join(plot, 'uPlot.min.css')));
  const document = files.get('index.html');
  if (document === undefined) throw new TypeError(`${PAGE_FOLDER} has no index.html`);
  files.delete('index.html');
  const folder = `/assets/${digestOf([...files].flat())}`;
  const text = document.toString('utf8').replace(ASSETS_WORD, folder);
  return {
    document: pageFile('index.html', Buffer.from(text)),
    assets: new Map([...files].map(([name, body]) => [`${folder}/${name}`, pageFile(name, body)])),
  };
}

function pageFile(name: string, body: Buffer<ArrayBuffer>): PageFile {
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const contentType = CONTENT_TYPES[ending] ?? 'application/octet-stream';
  return { body: new Uint8Array(body), contentType, etag: `"${digestOf([body])}"` };
}

function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('base64url').slice(0, 22);
}
