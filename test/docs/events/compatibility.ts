// What a reader of one schema would not understand of what is valid by another: nothing, where it was only extended.
import { isObject } from '../../../src/actors/shape.ts';

type Schema = Readonly<Record<string, unknown>>;

/** They say nothing that a value could break. */
const annotations = new Set(['$id', '$schema', 'title', 'description', 'examples']);
const nested = new Set(['properties', 'required', 'enum', 'items', 'anyOf', 'allOf']);

/**
 * Each with its place, such as `/properties/data/properties/total: is gone`. A schema may get new properties, and may
 * promise more of the old ones; it may not take back what it has promised.
 */
export function breaksOf(old: unknown, now: unknown, at = ''): string[] {
  if (!isObject(old) || !isObject(now)) return old === now ? [] : [`${at}: was ${shown(old)}`];
  return [
    ...propertyBreaks(old, now, at),
    ...(isObject(old['items']) ? breaksOf(old['items'], now['items'] ?? null, `${at}/items`) : []),
    ...listBreaks(old, now, 'anyOf', at),
    ...listBreaks(old, now, 'allOf', at),
    ...lacking(old, now, 'required').map((name) => `${at}: ${shown(name)} is not required any more`),
    ...newValues(old, now).map((value) => `${at}: ${shown(value)} was no value`),
    ...Object.keys(old)
      .filter((keyword) => !annotations.has(keyword) && !nested.has(keyword))
      .filter((keyword) => shown(old[keyword]) !== shown(now[keyword]))
      .map((keyword) => `${at}/${keyword}: was ${shown(old[keyword])}`),
  ];
}

function propertyBreaks(old: Schema, now: Schema, at: string): string[] {
  const after = isObject(now['properties']) ? now['properties'] : {};
  return Object.entries(isObject(old['properties']) ? old['properties'] : {}).flatMap(([name, before]) => {
    const place = `${at}/properties/${name}`;
    return name in after ? breaksOf(before, after[name], place) : [`${place}: is gone`];
  });
}

/** Alternatives are the same ones, in their order. */
function listBreaks(old: Schema, now: Schema, keyword: 'anyOf' | 'allOf', at: string): string[] {
  const before = listOf(old[keyword]);
  const after = listOf(now[keyword]);
  if (before.length !== after.length) return [`${at}/${keyword}: were ${before.length}`];
  return before.flatMap((each, index) => breaksOf(each, after[index], `${at}/${keyword}/${index}`));
}

function lacking(old: Schema, now: Schema, keyword: string): readonly unknown[] {
  const after = new Set(listOf(now[keyword]));
  return listOf(old[keyword]).filter((each) => !after.has(each));
}

/** Of an enumeration: a reader may not know what to do with one that was not in it. */
function newValues(old: Schema, now: Schema): readonly unknown[] {
  if (old['enum'] === undefined) return [];
  return now['enum'] === undefined ? ['anything'] : lacking(now, old, 'enum');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'absent';
}
