// `synkro replay`: plays the data set against a service that is already running.
import { type Io, processIo } from './io.ts';
import { addressOption, parseOptions, runCommand } from './options.ts';
import { replayOptionConfig, replayOptionHelp, replayOptions } from './replay/options.ts';
import { replay } from './replay/run.ts';
import { untilInterrupted } from './signals.ts';

export const summary = 'play the orders of a real shop against a running, empty service';

export const help = `synkro replay [options]

Loads a catalogue into three warehouses of a running service (role all) whose databases are empty, and plays a year of a shop
through its gRPC API in order of time: customers, orders that are paid, reserved, shipped and delivered, goods given back
and refunded. What was back-ordered and confirmed since is shipped in the end. Then it reports. Exit code: 0 only if nothing
was oversold, the books balance and every record was answered; 1 otherwise; 2 for a bad option.

  --url HOST:PORT      the service's gRPC address (default 127.0.0.1:50051)${replayOptionHelp}
`;

export async function run(argv: string[], io: Io = processIo): Promise<number> {
  return runCommand(
    { name: 'replay', help },
    argv,
    async () => {
      const { values } = parseOptions({
        args: argv,
        options: { ...replayOptionConfig, url: { type: 'string' } },
      });
      const options = replayOptions(values);
      const address = addressOption('url', values.url ?? '127.0.0.1:50051');
      using interrupted = untilInterrupted();
      return (await replay({ address }, options, interrupted.signal, io)) ? 0 : 1;
    },
    io,
  );
}
