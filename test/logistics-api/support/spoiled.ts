// Bad input, made by the kind of a field: what is sent instead of a good value, and by which field it has to be named.

/** What is wrong, the request's fields that differ from the good one, and how the contract spells the one to blame. */
export type Spoiled = readonly [
  what: string,
  request: Readonly<Record<string, unknown>>,
  fields: readonly string[],
];

/** Puts a value in its place in a request, and tells the field's name. */
export interface Place {
  readonly name: string;
  put(value: unknown): Readonly<Record<string, unknown>>;
}

/** A field of the request itself. */
export const at = (property: string): Place => ({
  name: snakeCase(property),
  put: (value) => ({ [property]: value }),
});

/** A field of a message within. */
export const within = (outer: string, rest: object, property: string): Place => ({
  name: `${snakeCase(outer)}.${snakeCase(property)}`,
  put: (value) => ({ [outer]: { ...rest, [property]: value } }),
});

/** A field of the second element of a repeated field. */
export const second = (outer: string, element: object, property: string): Place => ({
  name: `${snakeCase(outer)}[1].${snakeCase(property)}`,
  put: (value) => ({ [outer]: [element, { ...element, [property]: value }] }),
});

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function cases({ name, put }: Place, values: readonly (readonly [string, unknown])[]): Spoiled[] {
  return values.map(([what, value]) => [`${name}: ${what}`, put(value), [name]]);
}

export const long = (count: number): string => 'x'.repeat(count);

export function text(place: Place, max: number, { required = false, breaks = false } = {}): Spoiled[] {
  return cases(place, [
    [`${max + 1} characters`, long(max + 1)],
    ['far too long', long(3 * max)],
    ['NUL', 'a\0'],
    ['DEL', 'a\u007f'],
    ['an escape', '\u001b[2J'],
    ...(breaks ? [] : [['a line break', 'a\nb'] as const, ['a tab', 'a\tb'] as const]),
    ...(required ? [['nothing', ''] as const] : []),
  ]);
}

export function uuid(place: Place, { required = false } = {}): Spoiled[] {
  return cases(place, [
    ['no UUID', 'x'],
    ['a UUID with more behind it', '9b2e4c1a-7a55-4c0e-8d0e-1f2a3b4c5d6e1'],
    ['a UUID in braces', '{9b2e4c1a-7a55-4c0e-8d0e-1f2a3b4c5d6e}'],
    ['a UUID without dashes', '9b2e4c1a7a554c0e8d0e1f2a3b4c5d6e'],
    ['a line break behind it', '9b2e4c1a-7a55-4c0e-8d0e-1f2a3b4c5d6e\n'],
    ...(required ? [['nothing', ''] as const] : []),
  ]);
}

export function quantity(place: Place): Spoiled[] {
  return cases(place, [
    ['nothing', 0n],
    ['less than nothing', -1n],
    ['more than is exact', 2n ** 53n],
    ['the largest of all', 2n ** 63n - 1n],
    ['the smallest of all', -(2n ** 63n)],
  ]);
}

export function time(place: Place): Spoiled[] {
  return cases(place, [
    ['before 1970', new Date(-1)],
    ['after 9999', new Date(253_402_300_800_000)],
  ]);
}

/** @param allowed numbers that are not tried */
export function choice(place: Place, allowed: readonly number[]): Spoiled[] {
  const tried = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99, 2_147_483_647];
  return cases(
    place,
    tried.filter((value) => !allowed.includes(value)).map((value) => [String(value), value] as const),
  );
}

export function list(place: Place, element: object, { max = 2_000, required = false } = {}): Spoiled[] {
  return cases(place, [
    [`${max + 1} of them`, Array(max + 1).fill(element)],
    ...(required ? [['none', []] as const] : []),
  ]);
}

export const key: readonly Spoiled[] = text(at('idempotencyKey'), 255);

const token = (content: string) => Buffer.from(content).toString('base64url');

export const page: readonly Spoiled[] = [
  ...cases(at('pageSize'), [
    ['negative', -1],
    ['1,001', 1_001],
    ['huge', 2_147_483_647],
  ]),
  ...cases(at('pageToken'), [
    ['none', '!'],
    ['made up', token('[1,"x","y"]')],
    ['with NUL', token('[1,"x","\\u0000"]')],
    ['of another shape', token('{}')],
    ['far too long', long(5_000)],
  ]),
];

export function address(property: string, good: object): Spoiled[] {
  const place = (field: string) => within(property, good, field);
  return [
    ...text(place('recipientName'), 256),
    ...text(place('line1'), 256),
    ...text(place('line2'), 256),
    ...text(place('city'), 256),
    ...text(place('state'), 256),
    ...text(place('postalCode'), 32),
    ...text(place('phone'), 64),
    ...cases(place('countryCode'), [
      ['one letter', 'G'],
      ['three letters', 'GBR'],
      ['digits', '44'],
      ['letters of another alphabet', 'ГБ'],
      ['a line break', 'GB\n'],
    ]),
  ];
}

/** Of the second element's price. */
export function price(outer: string, element: object, property: string): Spoiled[] {
  const gbp = { currencyCode: 'GBP', units: 1n, nanos: 0 };
  const { name, put } = second(outer, element, property);
  const row = (what: string, money: unknown, field: string): Spoiled => {
    const full = field === '' ? name : `${name}.${field}`;
    return [`${full}: ${what}`, put(money), [full]];
  };
  return [
    row('none', undefined, ''),
    row('none', { ...gbp, currencyCode: '' }, 'currency_code'),
    row('unknown', { ...gbp, currencyCode: 'XXX' }, 'currency_code'),
    row('small letters', { ...gbp, currencyCode: 'gbp' }, 'currency_code'),
    row('another than that of the first line', { ...gbp, currencyCode: 'EUR' }, 'currency_code'),
    row('negative', { ...gbp, units: -1n }, 'units'),
    row('negative', { ...gbp, units: 0n, nanos: -10_000_000 }, 'nanos'),
    row('another sign', { ...gbp, nanos: -10_000_000 }, 'nanos'),
    row('another sign', { ...gbp, units: -1n, nanos: 10_000_000 }, 'nanos'),
    row('a whole unit', { ...gbp, nanos: 1_000_000_000 }, 'nanos'),
    row('the largest of all', { ...gbp, nanos: 2_147_483_647 }, 'nanos'),
    row('a tenth of a penny', { ...gbp, nanos: 1_000_000 }, 'nanos'),
    row('a billionth', { ...gbp, nanos: 1 }, 'nanos'),
    row('more than an amount can be', { ...gbp, units: 10n ** 13n, nanos: 10_000_000 }, 'units'),
    row('the largest of all', { ...gbp, units: 2n ** 63n - 1n }, 'units'),
  ];
}
