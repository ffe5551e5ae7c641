// Rules for numbers, enums and times. 64-bit integers become numbers here, and only those that a number holds exactly.

import type { DrawStrategy } from '../../actors/inventory/item/model.ts';
import { DrawStrategy as WireStrategy } from '../../generated/synkro/inventory/v1/inventory.ts';
import { requestLimits as limits } from '../limits.ts';
import type { Rule } from './check.ts';

const safeMax = BigInt(Number.MAX_SAFE_INTEGER);

function integer(min: bigint): Rule<bigint, number> {
  return (value, refuse) => {
    if (value > safeMax || value < -safeMax) refuse(`is beyond what is counted exactly (${safeMax})`);
    else if (value < min) refuse(min === 0n ? 'may not be negative' : `must be at least ${min}`);
    return Number(value);
  };
}

/** At least 1. */
export const quantity = integer(1n);
/** At least 0. */
export const count = integer(0n);

/** 0 stands for all there is: null. */
export const quantityOrAll: Rule<bigint, number | null> = (value, refuse) =>
  value === 0n ? null : quantity(value, refuse);

/** Signed, and not 0. */
export const delta: Rule<bigint, number> = (value, refuse) => {
  if (value === 0n) refuse('may not be 0');
  return integer(-safeMax)(value, refuse);
};

/** 0 stands for the default. Seconds. */
export const ttlSeconds: Rule<number, number> = (value, refuse) => {
  if (value === 0) return limits.ttlSecondsDefault;
  if (value < 1 || value > limits.ttlSecondsMax) refuse(`must be 1 to ${limits.ttlSecondsMax} seconds`);
  return value;
};

/** 0 stands for the default. */
export const pageSize: Rule<number, number> = (value, refuse) => {
  if (value === 0) return limits.pageSizeDefault;
  if (value < 1 || value > limits.pageSizeMax) refuse(`must be 1 to ${limits.pageSizeMax}`);
  return value;
};

/** Milliseconds since 1970; null where it is not set. */
export const time: Rule<Date | undefined, number | null> = (value, refuse) => {
  if (value === undefined) return null;
  const at = value.getTime();
  if (!(at >= 0 && at <= limits.timestampMsMax)) refuse('must be a time from 1970 to 9999');
  return Math.trunc(at);
};

const strategies: ReadonlyMap<number, DrawStrategy> = new Map([
  [WireStrategy.UNSPECIFIED, 'priority'],
  [WireStrategy.PRIORITY, 'priority'],
  [WireStrategy.FEWEST_WAREHOUSES, 'fewest'],
  [WireStrategy.SINGLE_WAREHOUSE, 'single'],
]);

export const drawStrategy: Rule<number, DrawStrategy> = (value, refuse) => {
  const strategy = strategies.get(value);
  if (strategy === undefined) refuse('is not a known strategy');
  return strategy ?? 'priority';
};
