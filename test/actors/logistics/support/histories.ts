// Random histories of a small shop, and how they are lived through.
import fc from 'fast-check';
import { live } from './rest.ts';
import { Shop } from './shop.ts';
import {
  arriving,
  asking,
  bringing,
  bypassing,
  crashing,
  creating,
  flooding,
  losing,
  notifying,
  passing,
  performing,
  type Step,
  stocking,
} from './steps.ts';

export const histories = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: creating },
    { weight: 8, arbitrary: asking },
    { weight: 16, arbitrary: arriving },
    { weight: 14, arbitrary: performing },
    { weight: 14, arbitrary: bringing },
    { weight: 3, arbitrary: stocking },
    { weight: 1, arbitrary: bypassing },
    { weight: 1, arbitrary: losing },
    { weight: 1, arbitrary: flooding },
    { weight: 3, arbitrary: passing },
    { weight: 1, arbitrary: notifying },
    { weight: 2, arbitrary: crashing },
  ),
  { maxLength: 200, size: 'max' },
);

export function run(steps: readonly Step[]): Shop {
  const shop = new Shop({ 'a@0': { w1: 2, w2: 2 }, 'b@1': { w1: 3 }, 'c@2': { w2: 1 } });
  live(shop, steps);
  return shop;
}
