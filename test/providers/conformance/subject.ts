import type { ProviderApi } from '../../../src/domain/ids.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import type { TransportParts } from '../../../src/providers/http-transport.ts';
import type { WireRequest } from '../../../src/providers/wire-fetch.ts';
import type { SimMarket } from '../../../src/simulator/market.ts';
import type {
  Facade,
  FacadeOptions,
  Market,
  SimCredentials,
  SimHost,
} from '../../../src/simulator/model.ts';
import type { Capability } from './capabilities.ts';
import type { RecordedCase } from './recorded-case.ts';

/** An adapter under test, and what the kit needs to know of its API to test it. */
export interface ConformanceSubject {
  readonly api: ProviderApi;
  /** The adapter with {@link ConformanceSubject.credentials}. */
  readonly build: (parts: TransportParts) => Provider;
  readonly credentials: SimCredentials;
  /** Those of the credentials that this API is sent. */
  readonly secrets: readonly string[];
  /** Why, for each capability that the API has not. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /** Answers as the documents and live notes have them, with what each means. */
  readonly recorded: readonly RecordedCase[];
  /** An instance id in this API's form. */
  readonly instanceId: string;
  /** Whether a request may change something at the provider. Reads that are sent as POST are reads. */
  readonly changes: (request: WireRequest) => boolean;
  /** Whether a request rents. */
  readonly rents: (request: WireRequest) => boolean;
  /** Whether a request carries a bid, in whichever field this API has for it. */
  readonly bids: (request: WireRequest) => boolean;
  readonly simulator: SimulatedApi;
}

/** The API as the simulated marketplace plays it. */
export interface SimulatedApi {
  readonly market: Market;
  readonly facades: (market: SimMarket, options: FacadeOptions) => readonly Facade[];
  /** A machine that does what it should. */
  readonly host: (overrides: Partial<SimHost>) => SimHost;
}
