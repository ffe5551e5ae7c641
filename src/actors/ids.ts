// Ids that are derived from names, so that everybody who knows the name reaches the same actor. Knows nothing of
// caching; whoever is asked often keeps what it got.
import { createHash } from 'node:crypto';

/** The namespace of every derived id of Synkro. Settled for good: ids in stored data and in other programs rest on it. */
export const idNamespace = '6f9b2f6e-5c1d-4d52-9a3e-8f1d2b7c4a10';

const namespaceBytes = Buffer.from(idNamespace.replaceAll('-', ''), 'hex');

/** The UUID version 5 (RFC 9562) of a name, in lower case. The name's UTF-8 bytes count, nothing is folded. */
export function uuidv5(name: string): string {
  const hash = createHash('sha1').update(namespaceBytes).update(name, 'utf8').digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of the item that has this SKU. */
export function itemIdOfSku(sku: string): string {
  return uuidv5(sku);
}
