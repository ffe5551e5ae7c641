// What counts as a mail address.

/** The address within `Shop <shop@example.org>`, or the whole. Null where there is none. */
export function addressIn(text: string): string | null {
  const [, inside] = /<([^<>]*)>\s*$/.exec(text) ?? [];
  const address = (inside ?? text).trim();
  return isAddress(address) ? address : null;
}

/** One address and nothing else: what customers wrote gets into an envelope. */
export function isAddress(text: string): boolean {
  return text.length <= 320 && /^[^\s@<>(),:;"\\\p{Cc}]+@[^\s@<>(),:;"\\\p{Cc}]+$/u.test(text);
}
