// Content negotiation by Accept (RFC 9110, 12.5.1): whether the client takes an answer of a certain type.

/** @param header the Accept header; undefined or empty takes anything */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true;
  const [kind = ''] = type.split('/');
  // The most specific range that matches counts.
  const ranges = [type, `${kind}/*`, '*/*'];
  const qualities = new Map(header.split(',').map(rangeOf));
  for (const range of ranges) {
    const quality = qualities.get(range);
    if (quality !== undefined) return quality > 0;
  }
  return false;
}

function rangeOf(text: string): readonly [string, number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return [range, quality === undefined ? 1 : Number(quality.slice(2))];
}
