// Where a command writes: results to stdout, everything else to stderr. A parameter, so that tests read it.

export interface Io {
  out(line: string): void;
  err(line: string): void;
  /** Writes without a line end; for a progress line on a terminal. */
  errRaw(text: string): void;
  readonly errIsTty: boolean;
}

export const processIo: Io = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
  errRaw: (text) => {
    process.stderr.write(text);
  },
  get errIsTty() {
    return process.stderr.isTTY === true;
  },
};

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** 1234567 as `1,234,567`. */
export function count(value: number | bigint): string {
  return grouped.format(value);
}

/** `1 item`, `2 items`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
