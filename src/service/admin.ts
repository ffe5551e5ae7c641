// What operators ask over HTTP: the ingress's side asks the process, the process gathers it from its threads and databases.

import type { Shape } from '../actors/shape.ts';
import { Refused } from '../api/errors.ts';
import type { AdminDeps, HotSkuView, LagView, OwnerView } from '../http/admin.ts';
import type { OwnerState } from './joint-ownership.ts';
import { isHotSkus, isLag, isLogLevel, isOwners, type Question, type ThreadReport } from './questions.ts';

/** @param ask null where nobody can say */
export function adminOf(ask: (question: Question) => Promise<unknown>): AdminDeps {
  const asked = async <T>(question: Question, shape: Shape<T>): Promise<T> => {
    const answer = await ask(question);
    if (!shape(answer))
      throw new Refused({ code: 'unavailable', message: 'the process cannot say at the moment' });
    return answer;
  };
  return {
    owners: () => asked({ type: 'owners' }, isOwners),
    lag: () => asked({ type: 'lag' }, isLag),
    hotSkus: (limit) => asked({ type: 'hot-skus', limit }, isHotSkus),
    logLevel: () => asked({ type: 'log-level' }, isLogLevel),
    async setLogLevel(level) {
      await asked({ type: 'set-log-level', level }, isLogLevel);
    },
  };
}

/** @param epochs those that this process owns the databases by; null: none */
export function ownersOf(
  states: readonly OwnerState[],
  epochs: ReadonlyMap<string, number> | null,
): readonly OwnerView[] {
  return states.map((state) => ({ ...state, isOwner: epochs?.get(state.service) === state.epoch }));
}

export function lagOf(reports: readonly ThreadReport[]): readonly LagView[] {
  return reports.flatMap(({ lag }) => (lag === undefined ? [] : [lag]));
}

/** An item is on one thread, so no two of them count the same. */
export function hotSkusOf(reports: readonly ThreadReport[], limit: number): readonly HotSkuView[] {
  return reports
    .flatMap(({ hot }) => hot ?? [])
    .sort((a, b) => b.count - a.count)
    .slice(0, limit)
    .map(({ id, name, count }) => ({ itemId: id, sku: name, changesLastMinute: count }));
}
