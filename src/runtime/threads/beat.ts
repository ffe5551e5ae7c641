// The thread's side of being watched: counts up as long as its event loop turns.

/** @param beats shared with the supervisor */
export function startBeating(beats: Int32Array, intervalMs: number): void {
  Atomics.add(beats, 0, 1);
  setInterval(() => Atomics.add(beats, 0, 1), intervalMs).unref();
}
