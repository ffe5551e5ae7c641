// `synkro serve`: runs the service until it is told to stop. All settings come from the environment.
import { Service } from '../service/service.ts';
import { describeSettings, readSettings } from '../service/settings.ts';
import { operatingCommand } from './operating.ts';

export const summary = 'run the service until SIGTERM';

export const help = `synkro serve

Serves until SIGTERM or SIGINT, then finishes what was begun and exits with 0. When it serves, one line of JSON on stdout
says {"event":"ready","http":PORT,"grpc":PORT,…}. Where another process owns the database it stands by, and takes over
when that one is gone. Settings, all from the environment [and what they are when unset]:

${describeSettings()}
`;

export async function run(argv: string[]): Promise<number> {
  return operatingCommand({ name: 'serve', help }, argv, async () => {
    const stopping = Promise.withResolvers<number>();
    const told = new AbortController();
    // From before the start to the very end: a signal that is sent again must not cut off what the first has begun.
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        told.abort();
        stopping.resolve(0);
      });
    }
    const onGiveUp = (): void => stopping.resolve(1);
    try {
      const service = await Service.start({
        settings: readSettings(process.env),
        onGiveUp,
        signal: told.signal,
      });
      const code = await stopping.promise;
      await service.stop();
      return code;
    } catch (error) {
      if (told.signal.aborted && error === told.signal.reason) return 0;
      throw error;
    }
  });
}
