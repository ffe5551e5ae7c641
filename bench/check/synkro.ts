// The books of a Synkro run, after its process has ended: started again on what is durable, a sample of the answers is
// read back in both ways (I8), a scarce SKU is asked for more often than there is of it (I1), and the whole database is
// audited (I1, I2) and counted.
import { connect, type InventoryCaller } from '../../src/cli/client.ts';
import {
  InventoryServiceService as inventory,
  ReservationStatus,
  StockReservationResponse,
} from '../../src/generated/synkro/inventory/v1/inventory.ts';
import { auditDatabase } from '../../src/service/audit.ts';
import { requestOf } from '../load/frames.ts';
import type { Sample } from '../load/plan.ts';
import { Host } from '../processes.ts';
import { product, scarce } from '../stock.ts';
import { compareCount, type Told } from './told.ts';

const channels = 2;
const scarceAsks = scarce.units * 2;

/** @returns what is wrong, if anything */
export async function checkSynkro(databaseUrl: string, told: Told): Promise<string[]> {
  const again = await Host.start({ ...product, databaseUrl });
  const caller = connect(`127.0.0.1:${again.port}`, channels);
  const problems: string[] = [];
  try {
    const readBack = await Promise.all(told.samples.map((sample) => readBackOne(caller, sample, told)));
    problems.push(...readBack.flat(), ...(await sellOut(caller)));
  } finally {
    caller.close();
    await again.child.stop();
  }
  return [...problems, ...(await audit(databaseUrl, told))];
}

/** The same request gets the same answer, to the byte; and what the reservation holds is what was answered. */
async function readBackOne(caller: InventoryCaller, sample: Sample, { baskets }: Told): Promise<string[]> {
  const { orderId, basket, answer } = sample;
  const request = requestOf(orderId, baskets[basket] ?? []);
  const repeated = await caller.call(inventory.checkAndReserveStock, request);
  const { reservation } = await caller.call(inventory.getReservation, { orderId, reservationId: '' });
  const first = StockReservationResponse.decode(answer);
  const isSame = Buffer.compare(StockReservationResponse.encode(repeated).finish(), answer) === 0;
  const drawn = first.items.flatMap(({ itemId, draws }) =>
    draws.map(({ warehouseId, quantity }) => `${itemId}/${warehouseId}: ${quantity}`),
  );
  const held = reservation?.lines.map((line) => `${line.itemId}/${line.warehouseId}: ${line.held}`) ?? [];
  const isHeld =
    reservation?.status === ReservationStatus.HELD &&
    reservation.id === first.reservationId &&
    drawn.toSorted().join() === held.toSorted().join();
  return [
    ...(isSame ? [] : [`I8: order ${orderId} was answered otherwise when it was repeated`]),
    ...(isHeld ? [] : [`I8: order ${orderId} does not hold what it was granted`]),
  ];
}

/** All at once, twice as many as there are: exactly as many as there are get one. */
async function sellOut(caller: InventoryCaller): Promise<string[]> {
  const lines = [{ sku: scarce.sku, quantity: 1 }];
  const answers = await Promise.all(
    Array.from({ length: scarceAsks }, (_, n) =>
      caller.call(inventory.checkAndReserveStock, requestOf(`scarce-${n}`, lines)),
    ),
  );
  const granted = answers.filter(({ success }) => success).length;
  if (granted === scarce.units) return [];
  return [`I1, I7: of ${scarce.units} units ${granted} were granted to ${scarceAsks} who asked for one`];
}

async function audit(databaseUrl: string, told: Told): Promise<string[]> {
  const { differences, differenceCount, reservationsChecked } = await auditDatabase(databaseUrl, {
    warn: () => {},
  });
  const more = differenceCount - differences.length;
  return [
    ...differences,
    ...(more > 0 ? [`and ${more} more differences`] : []),
    ...compareCount(
      'reservations are in the database',
      reservationsChecked - scarceAsks - told.refused,
      told,
    ),
  ];
}
