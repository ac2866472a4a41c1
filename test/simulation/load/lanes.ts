import type { Menu } from '../../../src/inventory/menu.ts';
import { wholeMenu } from '../../support/whole-menu.ts';
import type { Api } from '../plan.ts';

/** How many sessions are wanted at one API, and for how long. */
export interface Lane {
  readonly api: Api;
  readonly count: number;
  readonly reservationHours: number;
}

/** So many offers of single GPUs, those first that were taken least often: one machine has room for some, and many do for all. */
export function offersFor(
  menu: Menu,
  { api, count }: Lane,
  taken: Map<string, number>,
): readonly string[] {
  const places = new Map(
    wholeMenu(menu)
      .filter((offer) => offer.api === api && offer.gpuCount === 1)
      .map(({ id, machineId }) => [machineId ?? id, id]),
  );
  const times = (place: string): number => taken.get(place) ?? 0;
  const chosen = [...places.keys()]
    .toSorted((left, right) => times(left) - times(right))
    .slice(0, Math.max(0, count));
  for (const place of chosen) taken.set(place, times(place) + 1);
  return chosen.flatMap((place) => places.get(place) ?? []);
}
