import type { FacadeQuirks, Marketplace } from '../model.ts';
import type { AccountKeys } from './account-keys.ts';
import type { Contracts } from './contracts.ts';
import type { Templates } from './templates.ts';

/** Everything that an answer may depend on: the marketplace, and what the provider itself remembers. */
export interface Desk {
  readonly market: Marketplace;
  readonly quirks: FacadeQuirks;
  readonly contracts: Contracts;
  readonly accountKeys: AccountKeys;
  readonly templates: Templates;
}
