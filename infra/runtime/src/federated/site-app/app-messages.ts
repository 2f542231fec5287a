// What a site and the process of its app say to each other.

import type { ConfigRecord } from '@starling/shared';
import type { ClientOutcome, ClientTask } from '../clients/client-task.ts';

/** What the process is asked; one question at a time. */
export type AppQuestion =
  /** The weights that the server's module starts from. */
  | {
      readonly kind: 'initial';
      readonly server: string;
      readonly runConfig: ConfigRecord;
      readonly seed: number;
    }
  | { readonly kind: 'task'; readonly client: string; readonly task: ClientTask };

export type ToApp =
  | { readonly kind: 'ask'; readonly id: number; readonly question: AppQuestion }
  | { readonly kind: 'abort'; readonly id: number };

export type AppAnswer =
  | { readonly kind: 'initial'; readonly weights: Float32Array | undefined }
  | { readonly kind: 'task'; readonly outcome: ClientOutcome };

export interface FromApp {
  readonly id: number;
  /** Undefined when the app cannot be loaded. */
  readonly answer: AppAnswer | undefined;
  readonly code: string;
  readonly message: string;
}
