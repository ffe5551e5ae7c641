// How much stock a SKU starts with, and how it is dealt over the warehouses: exact to the unit.
import { CommandError, type Fraction } from '../options.ts';

/**
 * ceil(factor × unitsOrdered), in whole numbers throughout: 1.1 × 10 is 11, where doubles make 12 of it.
 * @throws CommandError beyond 2^53 - 1
 */
export function startingUnits(unitsOrdered: number, factor: Fraction): number {
  const product = BigInt(unitsOrdered) * factor.numerator;
  const units = (product + factor.denominator - 1n) / factor.denominator;
  if (units > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new CommandError(`a starting stock of ${units} units is more than can be counted`);
  }
  return Number(units);
}

/** An even deal of `units` over `places` places; the remainder goes to the first ones, a unit each. */
export function deal(units: number, places: number): number[] {
  const remainder = units % places;
  const share = (units - remainder) / places;
  return Array.from({ length: places }, (_, index) => share + (index < remainder ? 1 : 0));
}
