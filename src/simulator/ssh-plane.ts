import type {
  Chance,
  PortWish,
  SimInstance,
  SimMachine,
  SimOpenPort,
  WorkloadReply,
} from './model.ts';

/** Where machines listen: made-up addresses in a virtual world, real sockets on loopback in a demo. */
export interface SshPlane {
  /** Gives the instance an address for life; the market's gate decides who gets in there, and when. */
  open(opening: SshOpening): Promise<SshEndpoint>;
  /** Ends open logins; the address stays. */
  hangUp(id: string): void;
  /** The machine shows another host key from now on; its fingerprint. */
  rekey(id: string): string;
  /** Ends open logins and gives the address back. Unknown ids do nothing. */
  close(id: string): void;
}

export interface SshOpening {
  /** As it is before it has an address. */
  readonly instance: SimInstance;
  /** Ports besides SSH's that are to lead to it. */
  readonly ports: readonly PortWish[];
  readonly gate: SshGate;
}

/** The market's word on one machine, of the moment of asking. */
export interface SshGate {
  /** False while nothing listens there. */
  listens(): boolean;
  /** True while it takes connections and says nothing. */
  stalls(): boolean;
  /** True when this user gets in with this key (OpenSSH one-line form, comment aside). */
  admits(user: string, publicKey: string): boolean;
  /** What a request over HTTP meets at one of its ports, by the machine's own number. */
  visit(internalPort: number, path: string): WorkloadReply;
  /** What somebody who is in finds there. */
  machine(): SimMachine;
}

export interface SshEndpoint extends SshPoint {
  readonly proxyHost: string;
  readonly proxyPort: number;
  /** `SHA256:…`. */
  readonly hostKey: string;
  readonly openPorts: readonly SimOpenPort[];
}

interface SshPoint {
  readonly host: string;
  readonly port: number;
}

export const SSH_PORT = 22;

const MAX_DRAWS = 1_000;

/** Addresses out of the documentation ranges; nothing listens anywhere, `Marketplace.knock` answers for them. */
export function virtualPlane(chance: Chance): SshPlane {
  const taken = new Set<string>();
  const held = new Map<string, readonly string[]>();
  let rekeyings = 0;
  const claim = (draw: () => SshPoint): SshPoint => {
    for (let draws = 0; draws < MAX_DRAWS; draws += 1) {
      const point = draw();
      const address = addressOf(point);
      if (taken.has(address)) continue;
      taken.add(address);
      return point;
    }
    throw new Error('the simulated network has no free address');
  };
  return {
    async open({ instance, ports }) {
      const direct = directPoint(instance, { chance, claim });
      const proxy = claim(() => drawProxy(chance));
      const hostKey = drawHostKey(chance);
      const openPorts = isReachable(instance)
        ? ports.map((wish) => openPort(instance, { wish, host: direct.host, chance, claim }))
        : [];
      const points = openPorts.map(({ host, externalPort }) => ({ host, port: externalPort }));
      held.set(instance.id, [direct, proxy, ...points].map(addressOf));
      return { ...direct, proxyHost: proxy.host, proxyPort: proxy.port, hostKey, openPorts };
    },
    hangUp() {},
    rekey(id) {
      rekeyings += 1;
      return drawHostKey(chance.fork(`host key ${rekeyings} of ${id}`));
    },
    close(id) {
      for (const address of held.get(id) ?? []) taken.delete(address);
      held.delete(id);
    },
  };
}

export function addressOf(point: SshPoint): string {
  return `${point.host}:${point.port}`;
}

/** True when the machine can be reached where the provider says that it is, and not only through a proxy. */
export function isReachable(instance: SimInstance): boolean {
  if (instance.market === 'vastai') return instance.host.directPorts > 0;
  return instance.dedicatedIp || instance.host.portForwards;
}

/** Looks like the SHA-256 fingerprint of a key that nobody has. */
export function drawHostKey(chance: Chance): string {
  const bytes = Uint8Array.from({ length: 32 }, () => chance.int(0, 255));
  return `SHA256:${Buffer.from(bytes).toString('base64').replaceAll('=', '')}`;
}

interface Claims {
  readonly chance: Chance;
  readonly claim: (draw: () => SshPoint) => SshPoint;
}

/** Where nothing is forwarded, 22 of the hostnode is its firewall's, shared by all who are lost there. */
function directPoint(instance: SimInstance, { chance, claim }: Claims): SshPoint {
  const { publicIp } = instance.host;
  if (instance.dedicatedIp)
    return claim(() => ({ host: `203.0.113.${chance.int(1, 254)}`, port: SSH_PORT }));
  if (!isReachable(instance)) return { host: publicIp, port: SSH_PORT };
  return claim(() => ({ host: publicIp, port: chance.int(20_000, 64_999) }));
}

/** On an address of its own a machine's ports are its own; elsewhere they are what was asked for, or whichever is free. */
export function openPort(
  { dedicatedIp }: Pick<SimInstance, 'dedicatedIp'>,
  { wish, host, chance, claim }: Claims & { readonly wish: PortWish; readonly host: string },
): SimOpenPort {
  const { internalPort } = wish;
  if (dedicatedIp) return { internalPort, host, externalPort: internalPort };
  const { port } = claim(() => ({
    host,
    port: wish.externalPort ?? chance.int(LOWEST_OPEN_PORT, HIGHEST_OPEN_PORT),
  }));
  return { internalPort, host, externalPort: port };
}

/** Below the range that SSH ports are drawn from, so that what opens here moves no draw of theirs. */
const LOWEST_OPEN_PORT = 12_000;
const HIGHEST_OPEN_PORT = 19_999;

function drawProxy(chance: Chance): SshPoint {
  return { host: `ssh${chance.int(1, 9)}.vast.ai`, port: chance.int(10_000, 39_999) };
}
