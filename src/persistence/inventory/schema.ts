// What Inventory keeps in its database: the tables of every kind of actor that is stored, and the movements.

import { receiptsTable } from '../receipts-table.ts';
import type { StoreSchema } from '../table.ts';
import { itemsTable } from './items-table.ts';
import { writeMovements } from './movements-table.ts';
import { ordersTable } from './orders-table.ts';
import { directoryTable, warehousesTable } from './warehouses-table.ts';

export const inventorySchema: StoreSchema = {
  tables: [directoryTable, warehousesTable, itemsTable, ordersTable, receiptsTable],
  writeLedger: writeMovements,
};
