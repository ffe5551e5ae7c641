// What the API always answers with, and the contract's messages cannot say so.

/** @throws TypeError where it is not there: a fault of ours */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('an answer of the API lacks what it is about');
  return value;
}

export function isoTime(at: Date | undefined): string {
  return given(at).toISOString();
}
