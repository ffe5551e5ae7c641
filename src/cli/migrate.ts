// `synkro migrate`: brings the database to what this release needs, and starts nothing.
import { openDatabases } from '../service/database.ts';
import { readSettings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { processIo } from './io.ts';
import { operatingCommand } from './operating.ts';

export const summary = 'bring the databases up to date, and start nothing';

export const help = `synkro migrate

Applies the migrations that the role's databases do not have yet, and makes their shards where they are new. \`synkro serve\`
does the same at its start. The databases are those of INVENTORY_DATABASE_URL, LOGISTICS_DATABASE_URL and
NOTIFICATIONS_DATABASE_URL, else embedded ones in DATA_DIR.
`;

export async function run(argv: string[]): Promise<number> {
  return operatingCommand({ name: 'migrate', help }, argv, async () => {
    const settings = readSettings(process.env);
    const databases = await openDatabases(settings, createLogger(settings.logLevel, 'main'));
    await databases.close();
    for (const { service, shards } of databases.all)
      processIo.out(
        `the database of ${service} is up to date${shards === 0 ? '' : `; it has ${shards} shards`}`,
      );
    return 0;
  });
}
