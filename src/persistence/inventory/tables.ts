// The tables of every kind of actor that is stored.

import { receiptsTable } from '../receipts-table.ts';
import type { ActorTable } from '../table.ts';
import { itemsTable } from './items-table.ts';
import { ordersTable } from './orders-table.ts';
import { directoryTable, warehousesTable } from './warehouses-table.ts';

export const tables: readonly ActorTable[] = [
  directoryTable,
  warehousesTable,
  itemsTable,
  ordersTable,
  receiptsTable,
];
