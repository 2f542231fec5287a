// What a long command is doing: one living line on a terminal, nothing elsewhere.

export interface ProgressLine {
  show(text: string): void;
  /** Takes the line away. */
  close(): void;
}

const BAR_CELLS = 24;

export function progressLine(stream: NodeJS.WriteStream): ProgressLine {
  const isTerminal = stream.isTTY === true;
  return {
    show: (text) => {
      if (isTerminal) stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 100) - 1)}`);
    },
    close: () => {
      if (isTerminal) stream.write('\r\x1b[K');
    },
  };
}

/** `done` of `all` as a bar and in numbers. */
export function progressBar(done: number, all: number): string {
  const full = Math.round((done / all) * BAR_CELLS);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}`;
  return `${bar} ${done.toLocaleString('en-US')} of ${all.toLocaleString('en-US')}`;
}
