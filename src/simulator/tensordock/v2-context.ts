import type { Chance, FacadeQuirks, Marketplace, SimRequest } from '../model.ts';

export interface V2Context {
  readonly market: Marketplace;
  readonly quirks: FacadeQuirks;
  readonly chance: Chance;
  /** How many lists were answered before: the alternating envelope turns on it. */
  readonly countList: () => number;
  readonly request: SimRequest;
}
