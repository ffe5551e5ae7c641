// `synkro audit`: recomputes the books and names each difference.
import { auditDatabase } from '../service/audit.ts';
import { openServer } from '../service/database.ts';
import { readSettings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { count, plural, processIo } from './io.ts';
import { operatingCommand } from './operating.ts';

export const summary = 'recompute the books from movements and reservations, and name each difference';

export const help = `synkro audit

Reads the whole database at one moment, folds the journal that the tables lag behind, and compares: each level's quantity
with the sum of its movements, what each level has reserved with what orders hold there, and every reservation with its
state. May run while the service does. Each difference is a line. Exit code: 0 where there is none, else 1.
The database is that of INVENTORY_DATABASE_URL, else the embedded one in DATA_DIR.
`;

export async function run(argv: string[]): Promise<number> {
  return operatingCommand({ name: 'audit', help }, argv, async () => {
    const settings = readSettings(process.env);
    // The log must not mix with the answer on stdout.
    const log = createLogger('silent', 'audit');
    const server = await openServer(settings, log);
    try {
      const report = await auditDatabase(server.url, log);
      for (const difference of report.differences) processIo.out(difference);
      const more = report.differenceCount - report.differences.length;
      if (more > 0) processIo.out(`and ${count(more)} more`);
      processIo.err(
        `audit: ${plural(report.levelsChecked, 'level')}, ${plural(report.ordersChecked, 'order')}, ${plural(report.reservationsChecked, 'reservation')} checked: ${plural(report.differenceCount, 'difference')}`,
      );
      return report.differenceCount === 0 ? 0 : 1;
    } finally {
      await server.close();
    }
  });
}
