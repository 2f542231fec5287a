// Time as a port: rules take instants, services take this, adapters read the machine.

/** Ends what was scheduled; calling it twice is harmless. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start, never going back; for durations. */
  monotonicMs(): number;
  /** Calls `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): Cancel;
  /** Calls `action` every `periodMs` until cancelled; a slow action is never run twice at once. */
  every(periodMs: number, action: () => void | Promise<void>): Cancel;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
