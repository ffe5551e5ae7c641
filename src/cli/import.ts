// `synkro import`: items and stock in bulk from NDJSON or CSV through a running service's gRPC API.
import { statSync } from 'node:fs';
import { CallError, connect } from './client.ts';
import { type ImportFormat, readImport } from './import/record.ts';
import { Importer } from './import/run.ts';
import { Warehouses } from './import/warehouses.ts';
import { count, type Io, plural, processIo } from './io.ts';
import { channelsMax } from './limits.ts';
import {
  addressOption,
  CommandError,
  fileOption,
  integerOption,
  parseOptions,
  runCommand,
  UsageError,
} from './options.ts';
import { Progress } from './progress.ts';
import { untilInterrupted } from './signals.ts';

export const summary = 'bring items and counted stock into a running service from NDJSON or CSV';

const batchesMax = 64;

export const help = `synkro import FILE [options]

FILE is NDJSON or CSV, may end in .gz, and - is standard input.
  NDJSON: one object a line: { "sku", "name", "description"?, "category"?, "attributes"?,
          "stock"?: [{ "warehouse", "quantity" }] }
  CSV:    a header with sku,name and any of description,category,warehouse,quantity; a line for each warehouse
A warehouse is an id or a name. A new SKU is created with its stock; an existing one is changed where it differs, and
its stock is set to the counted quantity (reason 'counted'). Running the same file again changes nothing. Every bad
line is reported by its number; the good ones are kept. Exit code: 0, or 1 if any line was bad; 2 for a bad option.

  --format FORMAT      ndjson or csv (default: by the name of the file)
  --url HOST:PORT      the service's gRPC address (default 127.0.0.1:50051)
  --concurrency N      batches of up to 1,000 items in flight, 1 to ${batchesMax} (default 4)
  --create-warehouses  create a warehouse for a name that there is none of
`;

interface ImportOptions {
  readonly file: string;
  readonly format: ImportFormat;
  readonly address: string;
  readonly concurrency: number;
  readonly createWarehouses: boolean;
}

export async function run(argv: string[], io: Io = processIo): Promise<number> {
  return runCommand({ name: 'import', help }, argv, () => importFile(parse(argv), io), io);
}

function parse(argv: string[]): ImportOptions {
  const { values, positionals } = parseOptions({
    args: argv,
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      url: { type: 'string' },
      concurrency: { type: 'string' },
      'create-warehouses': { type: 'boolean' },
    },
  });
  const [file, extra] = positionals;
  if (file === undefined) throw new UsageError('FILE is missing');
  if (extra !== undefined) throw new UsageError(`one FILE only, not '${extra}' too`);
  return {
    file: fileOption('FILE', file, true),
    format: formatOption(values.format, file),
    address: addressOption('url', values.url ?? '127.0.0.1:50051'),
    concurrency: integerOption('concurrency', values.concurrency ?? '4', 1, batchesMax),
    createWarehouses: values['create-warehouses'] === true,
  };
}

function formatOption(text: string | undefined, file: string): ImportFormat {
  if (text === undefined) return /\.csv(\.gz)?$/i.test(file) ? 'csv' : 'ndjson';
  if (text === 'csv' || text === 'ndjson') return text;
  throw new UsageError(`--format must be ndjson or csv, not '${text}'`);
}

async function importFile(options: ImportOptions, io: Io): Promise<number> {
  using interrupted = untilInterrupted();
  const caller = connect(options.address, Math.min(channelsMax, options.concurrency), interrupted.signal);
  try {
    const warehouses = await Warehouses.read(caller, options.createWarehouses).catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      throw new CommandError(`the service at ${options.address} does not answer: ${error.message}`);
    });
    let progress: Progress | undefined;
    const importer = new Importer(caller, warehouses, options.concurrency, (line, problem) => {
      const text = `${options.file}:${line}: ${problem}`;
      if (progress === undefined) io.err(text);
      else progress.log(text);
    });
    let bytes = 0;
    const total = options.file === '-' ? undefined : statSync(options.file).size;
    progress = new Progress(io, 'import', () => ({
      done: bytes,
      total,
      text: `${plural(importer.tally.lines, 'line')} read, ${count(importer.tally.bad)} bad`,
    }));
    const records = readImport(options.file, options.format, (read) => {
      bytes += read;
    });
    return await finish(
      importer.run(records, interrupted.signal),
      importer,
      interrupted.signal,
      progress,
      io,
    );
  } finally {
    caller.close();
  }
}

/** Waits for the end, whatever it is, and always says what was done up to there. */
async function finish(
  running: Promise<void>,
  importer: Importer,
  signal: AbortSignal,
  progress: Progress,
  io: Io,
): Promise<number> {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CommandError(
      `stopped after ${plural(importer.tally.lines, 'line')}: ${error.message}. Run the same file again: ` +
        'what was already done changes nothing',
    );
  } finally {
    progress.stop();
    const { created, updated, unchanged, bad } = importer.tally;
    io.out(
      `${plural(created, 'item')} created, ${count(updated)} updated, ${count(unchanged)} unchanged; ` +
        `${plural(bad, 'bad line')}`,
    );
  }
  if (signal.aborted) throw new CommandError(String(signal.reason));
  return importer.tally.bad === 0 ? 0 : 1;
}
