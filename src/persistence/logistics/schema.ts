// What Logistics keeps in its database.
import { receiptsTable } from '../receipts-table.ts';
import type { StoreSchema } from '../table.ts';
import { customersTable } from './customers-table.ts';
import { ordersTable } from './orders-table.ts';
import { queuesTable } from './queues-table.ts';
import { supplyTable } from './supply-table.ts';

export const logisticsSchema: StoreSchema = {
  tables: [ordersTable, queuesTable, customersTable, supplyTable, receiptsTable],
};
