// The tag of a message that is one of several: the number of what they all belong to, and the shard it went to. The
// answer brings it back.

export function formatTag(number: number, shard: number): string {
  return `${number}:${shard}`;
}

/** Null where it is none of ours. */
export function parseTag(tag: string): { readonly number: number; readonly shard: number } | null {
  const match = /^(\d{1,15}):(\d{1,9})$/.exec(tag);
  return match === null ? null : { number: Number(match[1]), shard: Number(match[2]) };
}
