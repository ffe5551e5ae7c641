// Type guards for what of a supply comes out of storage, or from its actor.
import { isFlag, isInteger, isText, nullable, objectOf, recordOf, type Shape } from '../../shape.ts';
import type { Alert, Supply, SupplyState } from './model.ts';

export const isSupply: Shape<Supply> = objectOf<Supply>({
  sku: isText,
  alerts: recordOf(
    objectOf<Alert>({
      isLow: isFlag,
      available: isInteger,
      threshold: isInteger,
      source: isText,
      sequence: isInteger,
      at: isInteger,
    }),
  ),
  expiredHolds: isInteger,
  expiredUnits: isInteger,
  refusals: isInteger,
  refusedUnits: isInteger,
  since: isInteger,
  updatedAt: isInteger,
});

export const isSupplyState: Shape<SupplyState> = objectOf<SupplyState>({ supply: nullable(isSupply) });
