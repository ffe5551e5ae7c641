// The id of a reservation. It carries its order's id and the attempt's number, so that it leads to the right actor
// without a look-up; to callers it is opaque.
import { limits } from '../limits.ts';

const orderId = new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{1,${limits.orderIdCharactersMax}}$`, 'u');

/**
 * Whether a text can be an order's id: 1 to 128 printable Unicode characters. Not printable are control and format
 * characters, line and paragraph separators, and halves of surrogate pairs.
 */
export function isOrderId(text: string): boolean {
  return orderId.test(text);
}

export function formatReservationId(order: string, attempt: number): string {
  return `rsv-${attempt}-${Buffer.from(order, 'utf8').toString('base64url')}`;
}

/** Null for anything that `formatReservationId` does not make. */
export function parseReservationId(
  text: string,
): { readonly orderId: string; readonly attempt: number } | null {
  const match = /^rsv-([1-9]\d{0,5})-([\w-]{2,1000})$/.exec(text);
  if (match === null) return null;
  const attempt = Number(match[1]);
  const order = Buffer.from(match[2] ?? '', 'base64url').toString('utf8');
  if (attempt > limits.attemptNumberMax || !isOrderId(order)) return null;
  return formatReservationId(order, attempt) === text ? { orderId: order, attempt } : null;
}
