// How the operator API says no: a status, a code, and what to do about it.

import type { ContentfulStatusCode } from 'hono/utils/http-status';

export type ApiRefusalCode =
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'not-leading'
  | 'too-many-requests'
  | 'invalid-request';

export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: ContentfulStatusCode;
  readonly code: ApiRefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    code: ApiRefusalCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
