// What the process of a run and its launcher say to each other; all else stands in the run's folder.

export type ToRun =
  | { readonly kind: 'perform'; readonly folder: string }
  /** The launcher goes, the run stays. */
  | { readonly kind: 'detach' };

export type FromRun =
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'ended' };
