// How fields are spelled over HTTP. The API's methods name them as the contract's proto does (`items[3].warehouse_id`);
// a REST client wrote `items[3].warehouseId`, or gave the item in the path, or the key in a header.
import { type EdgeFailure, invalid } from '../api/errors.ts';

/**
 * By the contract's path, or the beginning of one: how a route spells it where that is not simply camelCase. `[]` in a whole
 * path stands for any place in a list, in both spellings: `items[].unit_price.units`.
 */
export type Names = Readonly<Record<string, string>>;

const everywhere: Names = { idempotency_key: 'Idempotency-Key' };

export function spelled(path: string, names: Names = {}): string {
  const all = { ...everywhere, ...names };
  const exact = all[path] ?? inLists(path, all);
  if (exact !== undefined) return exact;
  for (const [contract, name] of Object.entries(all)) {
    const rest = path.startsWith(contract) ? path.slice(contract.length) : '';
    if (/^[.[]/.test(rest)) return `${name}${camelCase(rest)}`.replace(/^\./, '');
  }
  return camelCase(path);
}

function inLists(path: string, names: Names): string | undefined {
  const places = path.match(/\[\d+\]/g) ?? [];
  const name = names[path.replaceAll(/\[\d+\]/g, '[]')];
  return name?.replaceAll('[]', () => places.shift() ?? '[]');
}

/** @param prefix where the request stands within a larger one, such as `adjustments[2].` */
export function inRestWords(failure: EdgeFailure, names: Names, prefix = ''): EdgeFailure {
  const { field, violations } = failure;
  const spell = (path: string) => `${prefix}${spelled(path, names)}`;
  if (violations !== undefined) {
    return {
      ...failure,
      ...invalid(
        violations.map((each) => ({
          field: spell(each.field),
          description: withCamelCase(each.description),
        })),
      ),
    };
  }
  if (field === undefined) return failure;
  const said = `${field}: `;
  const message = failure.message.startsWith(said)
    ? `${spell(field)}: ${withCamelCase(failure.message.slice(said.length))}`
    : failure.message;
  return { ...failure, message, field: spell(field) };
}

function camelCase(path: string): string {
  return path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** In descriptions, which are ours, other fields are named as the contract has them. */
function withCamelCase(description: string): string {
  return description.replace(/\b[a-z]+(?:_[a-z0-9]+)+\b/g, camelCase);
}
