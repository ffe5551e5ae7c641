// `synkro audit`: recomputes the books of both services, compares them, and names each difference.
import { auditServices, type ServicesReport } from '../service/audit.ts';
import { reachDatabases } from '../service/database.ts';
import { readSettings } from '../service/settings.ts';
import { createLogger } from '../telemetry/log.ts';
import { count, type Io, plural, processIo } from './io.ts';
import { operatingCommand } from './operating.ts';

export const summary = 'recompute the books of both services, compare them, and name each difference';

export const help = `synkro audit

Reads each database at one moment, folds the journal that the tables lag behind, and compares:
  Inventory   each level's quantity with the sum of its movements, what each level has reserved with what orders hold
              there, and every reservation with its state
  Logistics   every order's history, lines, shipments, returns and money with its state and with what lists show of it,
              and those who wait with the queues that they stand in
  both        what each order has in Inventory with what Logistics says: allocated, left, and come back (the movements
              with the reason 'returned' and the order's id as reference), per item and warehouse
Role all audits all of that, the other roles what is theirs. May run while the services do: orders that change all the time
are counted, and not compared. Each difference is a line on stdout. Exit code: 0 where there is none, else 1.
The databases are those of INVENTORY_DATABASE_URL and LOGISTICS_DATABASE_URL, else embedded ones in DATA_DIR.
`;

export async function run(argv: string[], io: Io = processIo): Promise<number> {
  return operatingCommand(
    { name: 'audit', help },
    argv,
    async () => {
      const settings = readSettings(process.env);
      // The log must not mix with the answer on stdout.
      const log = createLogger('silent', 'audit');
      const databases = await reachDatabases(settings, log);
      try {
        const urls = Object.fromEntries(databases.all.map(({ service, url }) => [service, url]));
        return tell(await auditServices(urls, log), io);
      } finally {
        await databases.close();
      }
    },
    io,
  );
}

/** @returns the exit code */
function tell(report: ServicesReport, io: Io): number {
  const { between, differenceCount, differences, inventory, logistics } = report;
  for (const difference of differences) io.out(difference);
  const more = differenceCount - differences.length;
  if (more > 0) io.out(`and ${count(more)} more`);
  if (inventory !== null)
    io.err(
      `audit of Inventory: ${plural(inventory.levelsChecked, 'level')}, ${plural(inventory.ordersChecked, 'order')}, ` +
        `${plural(inventory.reservationsChecked, 'reservation')} checked: ${plural(inventory.differenceCount, 'difference')}`,
    );
  if (logistics !== null)
    io.err(
      `audit of Logistics: ${plural(logistics.ordersChecked, 'order')}, ` +
        `${plural(logistics.placesChecked, 'place')} in queues checked: ${plural(logistics.differenceCount, 'difference')}`,
    );
  if (between !== null)
    io.err(
      `audit between them: ${plural(between.ordersCompared, 'order')} compared, ${count(between.ordersUnderWay)} under way, ` +
        `${count(between.ordersUnknown)} of Inventory's that Logistics does not know: ` +
        plural(between.differenceCount, 'difference'),
    );
  return differenceCount === 0 ? 0 : 1;
}
