// Text files as numbered lines, streamed: plain or gzip, UTF-8 only, with a bound on the length of a line so that
// memory stays bounded whatever comes. Knows nothing of what stands in the lines.
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { lineBytesMax } from './limits.ts';
import { CommandError } from './options.ts';

/** A line without its line end, or why it cannot be read. Numbers begin at 1. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string };

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Cuts chunks of bytes into lines. One use; not shared between files. */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #number = 0;

  constructor(bytesMax = lineBytesMax) {
    this.#bytesMax = bytesMax;
  }

  *push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(newline, start);
      if (end === -1) break;
      this.#keep(chunk.subarray(start, end));
      yield this.#cut();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The last line, where the file does not end with a line end. */
  *end(): Generator<Line> {
    if (this.#partBytes > 0) yield this.#cut();
  }

  /** Beyond the bound only the length is kept, so that the rest of a line without end costs nothing. */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#partBytes += part.length;
    if (this.#partBytes > this.#bytesMax) this.#parts = [];
    else this.#parts.push(part);
  }

  #cut(): Line {
    const bytes = Buffer.concat(this.#parts);
    const length = this.#partBytes;
    this.#parts = [];
    this.#partBytes = 0;
    this.#number += 1;
    const number = this.#number;
    if (length > this.#bytesMax) return { number, problem: `longer than ${this.#bytesMax} bytes` };
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    try {
      // The decoder also drops a byte order mark, which only the first line can have.
      return { number, text: this.#decoder.decode(bytes.subarray(0, end)) };
    } catch {
      return { number, problem: 'not valid UTF-8' };
    }
  }
}

/**
 * The lines of a file; `.gz` is unpacked; `-` is standard input.
 * @param onBytes told how many bytes of the file (as it lies on disk) have been read
 * @throws CommandError where the file cannot be read or is damaged
 */
export async function* readLines(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Line> {
  const splitter = new LineSplitter();
  try {
    for await (const chunk of openBytes(path, onBytes)) {
      if (Buffer.isBuffer(chunk)) yield* splitter.push(chunk);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CommandError(`cannot read '${path}': ${error.message}`);
  }
  yield* splitter.end();
}

/** How many lines a file has that are not empty. */
export async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const line of readLines(path)) {
    if (!('text' in line) || line.text.trim() !== '') lines += 1;
  }
  return lines;
}

function openBytes(path: string, onBytes?: (bytes: number) => void): Readable {
  const source: Readable = path === '-' ? process.stdin : createReadStream(path);
  if (onBytes !== undefined) {
    source.on('data', (chunk: Buffer | string) => onBytes(chunk.length));
    source.pause();
  }
  if (!path.endsWith('.gz')) return source;
  // pipeline carries an error of the source over to the stream that is read; the callback must be there.
  return pipeline(source, createGunzip(), () => {});
}

/** An error of the file system or of zlib: it carries a code, unlike a defect. */
function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
