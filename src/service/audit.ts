// The audit: reads everything as it stood at one moment, folds the journal that the tables lag behind, and lets the books be
// compared; those of both services with each other, where both can be reached. It writes nothing, and may run while the
// services do.
import type { AuditReport } from '../actors/inventory/books.ts';
import type { LogisticsReport } from '../actors/logistics/books.ts';
import type { StoreLog } from '../persistence/connect.ts';
import { type BetweenReport, Comparison } from './audit-between.ts';
import { auditInventory } from './audit-inventory.ts';
import { auditLogistics } from './audit-logistics.ts';

export type { BetweenReport } from './audit-between.ts';

/** Null: not asked for, as its database was not named. */
export interface ServicesReport {
  readonly inventory: AuditReport | null;
  readonly logistics: LogisticsReport | null;
  readonly between: BetweenReport | null;
  /** Of all three; the first ones of each. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

/** Of Inventory alone. @throws StoreError where the database does not answer */
export async function auditDatabase(url: string, log: StoreLog): Promise<AuditReport> {
  return auditInventory(url, log);
}

/**
 * Of those databases that are named. Logistics is read first: what it says was done, Inventory did before.
 * @throws StoreError where a database does not answer
 */
export async function auditServices(
  urls: { readonly inventory?: string | undefined; readonly logistics?: string | undefined },
  log: StoreLog,
): Promise<ServicesReport> {
  const { inventory, logistics } = urls;
  const isBoth = inventory !== undefined && logistics !== undefined;
  const comparison = new Comparison();
  const ofLogistics =
    logistics === undefined
      ? null
      : await auditLogistics(logistics, log, isBoth ? (id, order) => comparison.order(id, order) : undefined);
  const ofInventory =
    inventory === undefined ? null : await auditInventory(inventory, log, isBoth ? comparison : undefined);
  const between = isBoth ? await comparison.settle({ inventory, logistics }, log) : null;
  const reports = [ofInventory, ofLogistics, between].filter((report) => report !== null);
  return {
    inventory: ofInventory,
    logistics: ofLogistics,
    between,
    differences: reports.flatMap(({ differences }) => differences),
    differenceCount: reports.reduce((sum, { differenceCount }) => sum + differenceCount, 0),
  };
}
