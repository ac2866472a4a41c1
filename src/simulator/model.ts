/**
 * What the simulated marketplace is made of, seen by the façades that put it on the wire, by the checkers that
 * hold it against the broker's books, and by the SSH hosts. Written from the fact sheets, not from the adapters.
 */

/** Milliseconds since the epoch, on the simulator's own clock (virtual or real). */
export type SimMs = number;

export interface SimClock {
  now(): SimMs;
  after(delayMs: number, callback: () => void): () => void;
}

/** A seeded stream of chance; the same seed gives the same stream. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** Integer in [low, high]. */
  int(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** True with this probability. */
  hit(probability: number): boolean;
  /** A stream of its own, named, so that one consumer's draws never shift another's. */
  fork(name: string): Chance;
  /** Lower-case v4-shaped UUID. */
  uuid(): string;
}

export type Market = 'vastai' | 'tensordock';

/** A machine somebody offers. Vast.ai lists slices of it as offers; TensorDock deploys on it through its location. */
export interface SimHost {
  readonly market: Market;
  /** TensorDock hostnode uuid; for Vast.ai the machine id as text. */
  readonly id: string;
  readonly machineId: number;
  readonly ownerId: number;
  /** TensorDock location uuid; '' on Vast.ai. */
  readonly locationId: string;
  readonly city: string;
  readonly region: string;
  /** English name. */
  readonly country: string;
  /** Two letters. */
  readonly countryCode: string;
  readonly gpu: SimGpu;
  readonly gpuCount: number;
  readonly cpuName: string;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly inetDownMbps: number;
  readonly inetUpMbps: number;
  readonly reliability: number;
  readonly verified: boolean;
  readonly datacenter: boolean;
  /** TensorDock tier 1 to 4. */
  readonly tier: number;
  readonly cudaMax: number;
  readonly driverVersion: string;
  readonly directPorts: number;
  readonly dedicatedIps: boolean;
  readonly portForwards: boolean;
  /** TensorDock: a hostnode that only the old API lists. Whether there are such is not known; the menu must stand both. */
  readonly onlyV0?: true;
  readonly publicIp: string;
  /** The listing's end; Vast.ai's `end_date`. */
  readonly offeredUntil: SimMs;
  readonly rates: SimRates;
  /** What really happens to whoever rents here; drawn once. */
  readonly nature: HostNature;
  /** In what its machines are not what is offered; undefined where they are. */
  readonly defect?: HostDefect;
}

/** What of a host's machines is other than its owner says. Nothing but a look into one of them shows it. */
export type HostDefect =
  /** Cards of another model. */
  | 'other model'
  /** One card less than was rented; of one, none. */
  | 'fewer GPUs'
  /** Cards of the right name with less memory. */
  | 'less memory'
  /** No driver answers, whatever is installed. */
  | 'no driver'
  /** A driver that serves an older CUDA than was offered. */
  | 'old driver'
  /** Most of the disk is taken. */
  | 'full disk'
  /** All is there, and every command takes its time. */
  | 'slow disk';

export interface SimGpu {
  /** Vast.ai's exact spelling, e.g. `RTX 4090`. */
  readonly vastName: string;
  /** TensorDock's, e.g. `geforcertx4090-pcie-24gb`. */
  readonly v0Name: string;
  /** What TensorDock shows beside it, e.g. `NVIDIA GeForce RTX 4090 PCIe 24GB`; sometimes the raw v0Name. */
  readonly displayName: string;
  /** What `nvidia-smi` prints, e.g. `NVIDIA GeForce RTX 4090`. */
  readonly smiName: string;
  /** MB as the driver reports, e.g. 24564. */
  readonly vramMb: number;
  readonly nominalGb: number;
  /** CUDA capability × 100. */
  readonly computeCap: number;
}

/** Dollars; exact decimals with at most six places. */
export interface SimRates {
  /** Per GPU and hour. */
  readonly gpuHour: number;
  /** TensorDock, per vCPU and hour; 0 on Vast.ai. */
  readonly vcpuHour: number;
  /** TensorDock, per GB of RAM and hour; 0 on Vast.ai. */
  readonly ramGbHour: number;
  /** Per GB of disk and hour on TensorDock; per GB and month (720 h) on Vast.ai. */
  readonly storage: number;
  /** Vast.ai, whole machine per GPU and hour. */
  readonly minBid: number;
}

export type HostNature =
  | 'good'
  /** Listed and cannot be rented: the launch is refused as stale. */
  | 'stale'
  /** Accepts the launch and stays in loading/creating. */
  | 'never_boots'
  /** Comes up, listens, and never accepts the key. */
  | 'never_lets_in'
  /** Comes up, and only after longer than most would wait. */
  | 'boots_slowly'
  /** Shows an error state soon after the launch. */
  | 'breaks'
  /** Loads for minutes and shows its error state only then. */
  | 'breaks_late'
  /** Comes up with fewer GPUs than it lists, or with others. */
  | 'wrong_gpus'
  /** Comes up, and no driver answers for its GPUs. */
  | 'no_driver'
  /** Runs and vanishes from the account some minutes later. */
  | 'vanishes'
  /** Runs and is stopped by the market some minutes later (outbid, host). */
  | 'gets_stopped';

export type SimState =
  | 'creating'
  | 'loading'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'broken'
  | 'gone';

/** Who stopped it, or what. `outbid`: somebody else pays more for its GPUs now. */
export type StopReason = 'renter' | 'host' | 'outbid' | 'lack of credit' | 'contract end';

/** What a machine runs in a container with all its GPUs, as its renter asked for it. */
export interface SimContainer {
  readonly image: string;
  /** Behind the image's own entrypoint. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The container's own numbers. */
  readonly ports: readonly number[];
}

/** A port besides SSH's that the renter wants reached from outside. */
export interface PortWish {
  readonly internalPort: number;
  /** Null = whichever is free. */
  readonly externalPort: number | null;
}

/** Where a port of the machine is reached from outside, as long as something there listens. */
export interface SimOpenPort {
  readonly internalPort: number;
  readonly host: string;
  readonly externalPort: number;
}

/** What becomes of a container once it has been started; drawn once an instance. */
export type ServiceNature =
  | 'serves'
  /** Its program ends at once, again and again. */
  | 'exits'
  /** It answers 500 to everything. */
  | 'errors'
  /** It takes connections and says nothing. */
  | 'hangs'
  /** Its model is never loaded. */
  | 'loads for ever';

/** A request over HTTP as it arrives at an address. */
export interface WorkloadCall {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** What somebody meets who asks there. */
export type WorkloadReply =
  | { readonly kind: 'refused' }
  | { readonly kind: 'hangs' }
  | { readonly kind: 'answers'; readonly status: number; readonly body: object };

/** How a machine comes by a GPU driver that works: its image has one, or its first boot installs one, or neither. */
export type DriverSource = 'ready' | 'installed' | 'installed with a reboot' | 'lacking';

/** What becomes of the cards' driver. */
export type SimDriver =
  | { readonly kind: 'works'; readonly version: string; readonly cuda: number }
  /** Half of it is there: `nvidia-smi` is, and reaches no driver. */
  | { readonly kind: 'broken' }
  /** Nothing of it is there. */
  | { readonly kind: 'missing' };

/** What whoever rented a machine does with it. */
export const WORK_NATURES = [
  /** Nothing at all, once it has booted. */
  'rests',
  /** Set-up, a download, then training with evaluations in between, for ever. */
  'trains',
  /** The same, for some minutes; then nothing any more. */
  'trains, then rests',
  /** The same on one card of all. */
  'uses one card',
  /** Some seconds of work every few minutes. */
  'works in bursts',
  /** No card is used. */
  'uses the CPU',
  /** Data come in, and nothing is made of them yet. */
  'downloads',
  /** A program holds memory of the cards, and waits. */
  'holds memory',
  /** Somebody sits at a terminal and reads. */
  'is watched',
] as const;
export type WorkNature = (typeof WORK_NATURES)[number];

/** What goes on in a machine at one moment. */
export interface SimActivity {
  /** In a word, for people. */
  readonly name: string;
  /** Whether whoever rented it would miss it. */
  readonly isWork: boolean;
  readonly busyCpus: number;
  readonly networkBytesPerSecond: number;
  readonly diskBytesPerSecond: number;
  /** Cards in use, the first ones. */
  readonly busyGpus: number;
  /** Of each card in use, in percent. */
  readonly gpuUtilization: number;
  /** Of each card in use, from 0 to 1. */
  readonly gpuMemoryShare: number;
  readonly gpuProcesses: number;
  /** That are open. */
  readonly terminals: number;
  /** At each of them somebody types this often, in seconds; null: nobody does, since they were opened. */
  readonly typesEvery: number | null;
}

/** Since the machine's boot. */
export interface SimCounters {
  readonly cpuSeconds: number;
  readonly networkBytes: number;
  readonly diskBytes: number;
}

/** What somebody who is logged in can find out about a machine, all of it true. */
export interface SimMachine {
  readonly instance: SimInstance;
  readonly now: SimMs;
  readonly bootedAt: SimMs;
  /** The cards that are really there. */
  readonly gpu: SimGpu;
  readonly gpuCount: number;
  readonly driver: SimDriver;
  readonly cpus: number;
  readonly diskFreeBytes: number;
  readonly activity: SimActivity;
  /** Since when it has been that. */
  readonly activeSince: SimMs;
  /** Of the last seconds, that in which the cards had most to do. */
  readonly lately: SimActivity;
  readonly counters: SimCounters;
  /** By which every command is late. */
  readonly slowMs: number;
}

/** A rented machine: the truth that no façade shows whole. */
export interface SimInstance {
  readonly market: Market;
  /** Vast.ai: decimal digits; TensorDock: uuid. Unique over both. */
  readonly id: string;
  /** Vast.ai label, TensorDock name: whatever the renter wrote. Null when it wrote none. */
  readonly label: string | null;
  readonly host: SimHost;
  readonly gpuCount: number;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly image: string;
  /** Which façade made it: `vastai`, `tensordock-v2`, `tensordock-v0`. */
  readonly madeBy: string;
  readonly createdAt: SimMs;
  readonly state: SimState;
  /** Since when the state is what it is. */
  readonly stateSince: SimMs;
  /** Set while (and only while) it runs. */
  readonly runningSince: SimMs | null;
  /** When it ended for good. */
  readonly goneAt: SimMs | null;
  /** Who ended it: a call of the renter, or the market. */
  readonly endedBy: 'renter' | 'market' | null;
  /** Not shown in lists before this (list lag). */
  readonly listedFrom: SimMs;
  /** Still shown in lists until this although gone (list lag). */
  readonly listedUntil: SimMs;
  /** A delete was accepted and is still being carried out. */
  readonly deletingUntil: SimMs | null;
  readonly dedicatedIp: boolean;
  /** Where the provider says that SSH is. */
  readonly sshHost: string;
  readonly sshPort: number;
  /** Vast.ai's proxy, which leads to the same machine. */
  readonly proxyHost: string;
  readonly proxyPort: number;
  /** GPUs were given back while stopped (TensorDock disassociate). */
  readonly released: boolean;
  readonly interruptible: boolean;
  /** When its contract ends by itself: Vast.ai stops it then and does not start it again. */
  readonly contractUntil: SimMs;
  /** Null while nobody has stopped it. */
  readonly stoppedFor: StopReason | null;
  /** Dollars an hour that somebody else pays for its GPUs; null unless it is outbid. */
  readonly outbidAt: number | null;
  /** Since when nothing has been heard of its host, whatever state it is in; null while there is word. */
  readonly offlineSince: SimMs | null;
  readonly statusText: string;
  /** Null for a machine that is only logged in to. */
  readonly container: SimContainer | null;
  /** From when on the container's program runs, image pulled and all; null while the machine does not run one. */
  readonly containerUpAt: SimMs | null;
  /** Shell that each start of the machine runs; null when the renter gave none. */
  readonly onStart: string | null;
  /** Ports besides SSH's that lead to it, from when it has an address. */
  readonly openPorts: readonly SimOpenPort[];
}

export interface RentOrder {
  readonly market: Market;
  readonly hostId: string;
  readonly gpuCount: number;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly label: string | null;
  readonly image: string;
  readonly madeBy: string;
  readonly dedicatedIp: boolean;
  readonly interruptible: boolean;
  /** Dollars per hour for the GPUs when interruptible. */
  readonly bid: number | null;
  /** Keys that are in place when it first boots (cloud-init `runcmd`); on Vast.ai empty, keys are attached later. */
  readonly bootKeys: readonly string[];
  readonly container: SimContainer | null;
  readonly onStart: string | null;
  readonly driver: DriverSource;
  readonly ports: readonly PortWish[];
}

export type RentResult =
  | { readonly kind: 'rented'; readonly instance: SimInstance }
  | { readonly kind: 'no_capacity' }
  | { readonly kind: 'no_public_ip' }
  | { readonly kind: 'no_credit' };

/**
 * The marketplace. Reads are of this moment on the clock; states advance by themselves. Façades hold no state of
 * their own beyond paging cursors and rate-limit windows.
 */
export interface Marketplace {
  readonly clock: SimClock;
  readonly chance: Chance;
  /** What it takes at the moment. */
  readonly credentials: SimCredentials;
  hosts(market: Market): readonly SimHost[];
  host(id: string): SimHost | undefined;
  /** GPUs of the host that nobody holds now. */
  freeGpus(hostId: string): number;
  rent(order: RentOrder): Promise<RentResult>;
  /** Every instance ever, gone ones too, in order of creation: for checkers. */
  instances(): readonly SimInstance[];
  instance(id: string): SimInstance | undefined;
  /** What a list call of this moment shows: list lag applied both ways. Both TensorDock APIs show one account. */
  listed(market: Market): readonly SimInstance[];
  /** Ends it. TensorDock takes a while to carry it out; the caller sees `deleting` meanwhile. False when unknown or gone. */
  destroy(id: string): boolean;
  stop(id: string, options: { readonly release: boolean }): boolean;
  /** 'queued' when the GPUs are taken meanwhile. */
  start(id: string): StartResult;
  relabel(id: string, label: string): boolean;
  /** Adds a key to a running or booting instance; it works after the propagation delay. */
  attachKey(id: string, publicKey: string): boolean;
  keys(id: string): readonly string[];
  removeKey(id: string, publicKey: string): boolean;
  /** The instance's own hourly rate now, in dollars, by part, in its present state. */
  rate(id: string): SimBillParts;
  /** What the instance has cost up to now, in whole micro-dollars, part by part, per second. */
  bill(id: string): SimBillParts;
  /** What of {@link Marketplace.bill} fell into `[from, to)`. */
  billWithin(id: string, from: SimMs, to: SimMs): SimBillParts;
  /** What its traffic within `[from, to)` cost, in whole micro-dollars; it is in no other bill. */
  trafficWithin(id: string, from: SimMs, to: SimMs): SimTraffic;
  /** Dollars per GB that this host charges. */
  trafficRates(host: SimHost): SimTraffic;
  /** Prepaid dollars left. */
  credit(market: Market): number;
  /** Answers an SSH attempt at an address, as the host there would at this moment. */
  knock(attempt: SshKnock): SshAnswer;
  /** Answers a request over HTTP at an address, as whatever is there would at this moment. */
  visit(call: WorkloadCall): WorkloadReply;
}

/** `refused`: its contract is over. `unpaid`: there is no credit. */
export type StartResult = 'started' | 'queued' | 'unknown' | 'refused' | 'unpaid';

/** Both ways of the traffic apart. */
export interface SimTraffic {
  readonly down: number;
  readonly up: number;
}

export interface SimBillParts {
  readonly gpu: number;
  readonly cpu: number;
  readonly ram: number;
  readonly disk: number;
}

export interface SimCredentials {
  readonly vastKey: string;
  readonly tensordockToken: string;
  readonly tensordockAuthId: string;
}

export interface SshKnock {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** OpenSSH one-line form; comment aside it has to be the same key. */
  readonly publicKey: string;
}

export type SshAnswer =
  | { readonly kind: 'refused' }
  | { readonly kind: 'hangs' }
  /** It takes the connection and says nothing. */
  | { readonly kind: 'stalls' }
  | { readonly kind: 'auth_failed'; readonly hostKey: string }
  | { readonly kind: 'open'; readonly hostKey: string; readonly instance: SimInstance };

/** A request as it arrives at a façade, transport aside. */
export interface SimRequest {
  readonly method: string;
  /** Without query, e.g. `/api/v0/instances/123/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SimReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One provider API on the wire. Undefined when the path is not its own. */
export type Facade = (request: SimRequest) => Promise<SimReply | undefined>;

/** How a façade plays what the fact sheets leave open, and how strictly it limits rates. */
export interface FacadeOptions {
  /** Enforce published minimum intervals and per-minute limits with 429s. */
  readonly rateLimits: boolean;
  /** Which answer an uncertain fact gets: every switch is named after the fact sheet's section. */
  readonly quirks: FacadeQuirks;
}

export interface FacadeQuirks {
  /** Vast.ai §7.5: a stale offer is 400 `404/3603` or 410 `410/3907`. */
  readonly staleOfferAs: '400' | '410';
  /** Vast.ai §8.3: a missing single instance is 200 with null or 404. */
  readonly missingInstanceAs: 'null' | '404';
  /** Vast.ai §7.1, §7.5: a bid below the market is refused where it may not wait, or leaves a stopped contract all the same. */
  readonly lowBidAs: 'refused' | 'leftover';
  /** Vast.ai §9: an outbid contract is stopped in every word, or is still meant to run. */
  readonly outbidAs: 'stopped' | 'meant to run';
  /** Vast.ai §9: a container that is started again is loading at once, or is shown as exited first. */
  readonly restartAs: 'loading' | 'exited';
  /** Vast.ai §8.4: what `dph_base` of a bid's contract is while it does not run; not documented. */
  readonly restingBidAs: 'bid' | 'on-demand';
  /** Vast.ai §13.2: one row an instance (docs), or one a day with amounts of three decimals (live rows, 2026). */
  readonly chargesAs: 'whole' | 'days';
  /** TensorDock §6: list is `{"data":[…]}`, `{"data":{"instances":[…]}}`, or alternates. */
  readonly v2ListAs: 'array' | 'object' | 'alternating';
  /** TensorDock §6: single get is bare (seen live) or wrapped with attributes (OpenAPI document). */
  readonly v2SingleAs: 'bare' | 'wrapped';
  /** TensorDock §4: create errors inside a 200, as a 400 array, or as JSON:API errors. */
  readonly v2ErrorsAs: 'in200' | 'array400' | 'jsonapi';
  /** TensorDock §1: how often a create with good credentials is answered 401. */
  readonly v2SporadicUnauthorized: number;
  /**
   * TensorDock v2's hostnodes, which nobody has been seen to read: as stale as the locations, true where those are stale, or
   * not there at all.
   */
  readonly v2HostnodesAs: 'stale' | 'fresh' | 'absent';
  /** A create at a hostnode gets the external ports that it asks for (its page), or others, as one at a location does (§5). */
  readonly v2HostnodePortsAs: 'asked' | 'scattered';
  /** TensorDock §1: locations and hostnodes want credentials (seen), or answer anybody (their page names none). */
  readonly v2DiscoveryAs: 'guarded' | 'open';
  /** TensorDock §11: a stop on v2 keeps the GPUs and bills them on, or gives them back and bills the disk alone. */
  readonly v2StopAs: 'kept' | 'released';
  /** v0: an unknown server is `success:false` in a 200, or a 404. */
  readonly v0MissingAs: 'in200' | '404';
  /** v0: a start whose GPUs are somebody else's is refused, or accepted and waits for them without a word in the status. */
  readonly v0StartWithoutGpusAs: 'refused' | 'queued';
  /** v0: a machine whose GPUs were given back shows the price of running (the documented list), or what its disk costs. */
  readonly v0ReleasedPriceAs: 'running' | 'storage';
  /** v0: a bid is for the machine without its disk (the documented spot machine), or for its GPUs, the rest beside it. */
  readonly v0BidBuys: 'machine' | 'gpus';
  /** v0: a bid is tried with `success` alone (collection), or with `will_succeed` and a price (OpenAPI document). */
  readonly v0SpotVerdictAs: 'bare' | 'priced';
  /** v0: Instant VMs are deployed by `instance_uuid` and answered as `vm` (collection), or `instant_vm` and `server`. */
  readonly v0InstantAs: 'vm' | 'server';
  /** v0: the monthly summary has the disks in a list of their own (documented for payouts), or within the machines' amounts. */
  readonly v0StorageExpensesAs: 'apart' | 'within';
  /**
   * TensorDock §7: a first boot finds its packages locked, no working driver and no Docker (seen on every image), or all
   * that a container needs (which one of the documents takes for granted).
   */
  readonly dockImageAs: 'bare' | 'complete';
}
