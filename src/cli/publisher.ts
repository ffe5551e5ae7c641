// `synkro publisher`: how far the readers of events are, and a deliberate way out where one cannot catch up.
import { type Client, openClient } from '../persistence/connect.ts';
import { type OutboxState, readOutbox, skipReader } from '../persistence/outbox.ts';
import { reachDatabases } from '../service/database.ts';
import { readSettings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { type Io, plural, processIo } from './io.ts';
import { asOperating } from './operating.ts';
import { CommandError, parseOptions, runCommand, UsageError } from './options.ts';

export const summary = 'show how far events lag behind, or skip what cannot be told';

export const help = `synkro publisher status [--json]
synkro publisher skip --service NAME --reader NAME --yes [--json]

status  Of each reader of events (amqp: the broker; order_processing, notification_service: consumers of the process where
        there is no broker) how many rows of the journal it has not taken, and how old the oldest is.
skip    Gives up everything that a reader has not taken: those events are NEVER told to it. For the case that a broker is
        gone for good and the journal fills the disk. A process that is running heeds it within a second; what it has on its
        way at that moment may still arrive.

  --service NAME   inventory or logistics
  --reader NAME    as status shows it
  --yes            really
  --json           one line of JSON

The databases are those of INVENTORY_DATABASE_URL and LOGISTICS_DATABASE_URL, else embedded ones in DATA_DIR.
`;

interface Known {
  readonly service: string;
  readonly client: Client;
}

export async function run(argv: string[], io: Io = processIo): Promise<number> {
  return runCommand(
    { name: 'publisher', help },
    argv,
    async () => {
      const { positionals, values } = parseOptions({
        args: argv,
        allowPositionals: true,
        options: {
          service: { type: 'string' },
          reader: { type: 'string' },
          yes: { type: 'boolean' },
          json: { type: 'boolean' },
        },
      });
      const [action, ...more] = positionals;
      if (more.length > 0) throw new UsageError(`'${more[0]}' is one word too many`);
      const isJson = values.json === true;
      if (action === 'status') return withDatabases((databases) => status(databases, isJson, io));
      if (action !== 'skip') throw new UsageError('say status or skip');
      const { service, reader } = values;
      if (service === undefined || reader === undefined)
        throw new UsageError('skip needs --service and --reader');
      if (values.yes !== true)
        throw new UsageError('skip gives up events for good; say --yes where that is meant');
      return withDatabases((databases) => skip(databases, service, reader, isJson, io));
    },
    io,
  );
}

async function withDatabases(work: (databases: readonly Known[]) => Promise<number>): Promise<number> {
  return asOperating(async () => {
    // The log must not mix with the answer on stdout.
    const log = createLogger('silent', 'publisher');
    const databases = await reachDatabases(readSettings(process.env), log);
    const known = databases.all.map(({ service, url }) => ({
      service,
      client: openClient('work', { url, log }),
    }));
    try {
      return await work(known);
    } finally {
      await Promise.all(known.map(({ client }) => client.close()));
      await databases.close();
    }
  });
}

async function status(databases: readonly Known[], isJson: boolean, io: Io): Promise<number> {
  const states: (OutboxState & { readonly service: string })[] = [];
  for (const { service, client } of databases) states.push({ service, ...(await readOutbox(client)) });
  if (isJson) {
    io.out(JSON.stringify(states));
    return 0;
  }
  for (const { service, readers, journalBytes } of states) {
    io.out(`${service}: the journal takes up ${megabytes(journalBytes)} MiB`);
    if (readers.length === 0) io.out('  nobody reads its events');
    for (const { reader, rows, seconds, skippedAt } of readers) {
      const lag =
        rows === 0 ? 'has taken everything' : `is ${plural(rows, 'row')} behind, ${seconds.toFixed(1)} s`;
      const skipped = skippedAt === null ? '' : `; skipped at ${skippedAt.toISOString()}`;
      io.out(`  ${reader} ${lag}${skipped}`);
    }
  }
  return 0;
}

async function skip(
  databases: readonly Known[],
  service: string,
  reader: string,
  isJson: boolean,
  io: Io,
): Promise<number> {
  const found = databases.find((each) => each.service === service);
  if (found === undefined)
    throw new UsageError(`--service must be ${databases.map((each) => each.service).join(' or ')}`);
  const skipped = await skipReader(found.client, reader);
  if (skipped === null)
    throw new CommandError(`${service} has no reader '${reader}'; see synkro publisher status`);
  io.out(
    isJson
      ? JSON.stringify({ service, reader, skipped })
      : `${reader} of ${service} will never be told what stands in ${plural(skipped, 'row')} of the journal`,
  );
  return 0;
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
