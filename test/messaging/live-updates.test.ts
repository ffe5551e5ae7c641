// Who tells and who hears: one or the other, and never both.
import { expect, test } from 'vitest';
import { LiveUpdates } from '../../src/service/live-updates.ts';

function setUp() {
  const done: string[] = [];
  let tell: (data: string) => void = () => {};
  const live = new LiveUpdates({
    fanOuts: [{ start: () => done.push('tells'), stop: () => done.push('tells no more') }],
    hear(heard) {
      done.push('hears');
      tell = heard;
      return () => done.push('hears no more');
    },
    onChange: (sku) => done.push(`dropped ${sku}`),
  });
  const since = () => done.splice(0);
  return { live, since, tell: (data: string) => tell(data) };
}

test('a process tells while it serves, and hears while it stands by', () => {
  const { live, since } = setUp();
  live.setServing(false);
  live.setServing(false);
  expect(since()).toEqual(['tells no more', 'hears', 'tells no more']);
  live.setServing(true);
  expect(since()).toEqual(['tells', 'hears no more']);
  live.setServing(false);
  live.close();
  expect(since()).toEqual(['tells no more', 'hears', 'tells no more', 'hears no more']);
});

test('what is heard of a level has its SKU dropped; what is none is nothing', () => {
  const { live, since, tell } = setUp();
  live.setServing(false);
  since();
  for (const data of ['', '{', 'null', '[]', '"x"', '{"level":null}', '{"level":{"sku":5}}']) tell(data);
  tell('{"eventType":"held","level":{"sku":"TEA","version":7}}');
  expect(since()).toEqual(['dropped TEA']);
});
