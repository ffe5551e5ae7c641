// `synkro migrate`: brings the database to what this release needs, and starts nothing.
import { openDatabase } from '../service/database.ts';
import { readSettings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { processIo } from './io.ts';
import { operatingCommand } from './operating.ts';

export const summary = 'bring the database up to date, and start nothing';

export const help = `synkro migrate

Applies the migrations that the database does not have yet, and makes its shards where it is new. \`synkro serve\` does the
same at its start. The database is that of INVENTORY_DATABASE_URL, else the embedded one in DATA_DIR.
`;

export async function run(argv: string[]): Promise<number> {
  return operatingCommand({ name: 'migrate', help }, argv, async () => {
    const settings = readSettings(process.env);
    const database = await openDatabase(settings, createLogger(settings.logLevel, 'main'));
    await database.close();
    processIo.out(`the database is up to date; it has ${database.shards} shards`);
    return 0;
  });
}
