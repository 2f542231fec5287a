// The dashboard as routes: a document that is asked for anew each time, and files that never change.

import { type Context, Hono } from 'hono';
import { type PageFile, readPageFiles } from './page-files.ts';

/** Own files only; nothing inline, no frames around it, no forms to elsewhere. */
export const DASHBOARD_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const A_YEAR = 31_536_000;

/**
 * `GET /` and the files it needs. They hold nothing secret and want no token; what they show is asked
 * of the operator API with the reader's own.
 * @throws {Error} when a file of the installation is missing
 */
export async function dashboardRoutes(): Promise<Hono> {
  const { assets, document } = await readPageFiles();
  const app = new Hono();
  app.get('/', (context) => answer(context, document, 'no-cache'));
  for (const [path, file] of assets) {
    app.get(path, (context) => answer(context, file, `public, max-age=${A_YEAR}, immutable`));
  }
  return app;
}

function answer(context: Context, { body, contentType, etag }: PageFile, caching: string) {
  const headers = {
    'cache-control': caching,
    'content-security-policy': DASHBOARD_POLICY,
    etag,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const known = context.req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.includes(etag) || known.includes(`W/${etag}`)) return context.body(null, 304, headers);
  return context.body(body, 200, { ...headers, 'content-type': contentType });
}
