import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';

const IP_LITERAL = /^(\[[0-9a-f:.]+\]|\d{1,3}(\.\d{1,3}){3})$/;
const WILDCARDS = ['0.0.0.0', '::'];

export interface ReachableAs {
  /** The address that the server listens on. */
  readonly boundHost: string;
  readonly allowedHosts: readonly string[];
}

/**
 * Keeps web pages out of an API that may be open on localhost: a page of another site is refused by what the browser
 * says of it, and a name that was rebound to this machine by its `Host` header.
 */
export function refuseForeignPages(app: AppServer, reachable: ReachableAs): void {
  const isOurs = lastOneKept(ourNames(reachable));
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, raw } = request;
    const hosts = hostLines(raw.rawHeaders);
    if (hosts === 0 && isOldProbe(request)) return done();
    if (hosts !== 1) {
      throw new BrokerError('validation_error', 'a request has exactly one Host header');
    }
    if (!isOurs(headers.host ?? '')) {
      throw new BrokerError('forbidden', 'this Host name is not served here; see ALLOWED_HOSTS');
    }
    if (
      isForeignSite(headers['sec-fetch-site']) ||
      isForeignOrigin(headers.origin, headers.host ?? '')
    ) {
      throw new BrokerError('forbidden', 'requests from other web sites are refused');
    }
    done();
  });
}

/**
 * Load balancers' plainest health probes speak HTTP/1.0 and name no host. No browser does either, so that there is no page
 * to keep out.
 */
function isOldProbe({ raw, routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isUnlimited === true && raw.httpVersion === '1.0';
}

/** Nearly all callers write the one name in the same way, and reading a host name takes longer than the rest of the checks. */
function lastOneKept(isOurName: (name: string | undefined) => boolean): (host: string) => boolean {
  let last: string | undefined;
  return (host) => {
    if (host === last) return true;
    const isOurs = isOurName(hostNameOf(host));
    if (isOurs) last = host;
    return isOurs;
  };
}

function ourNames({ boundHost, allowedHosts }: ReachableAs): (name: string | undefined) => boolean {
  const names = new Set(['localhost', boundHost, ...allowedHosts].map(hostNameOf));
  if (boundHost === 'localhost') for (const loopback of ['127.0.0.1', '[::1]']) names.add(loopback);
  // A server on all addresses is reached by any of them, and an address cannot be rebound as a name can.
  const isAnyAddressOurs = WILDCARDS.includes(boundHost);
  return (name) =>
    name !== undefined && (names.has(name) || (isAnyAddressOurs && IP_LITERAL.test(name)));
}

/** Lower-case name without port, IPv6 in brackets; undefined for what is no host at all. */
function hostNameOf(host: string): string | undefined {
  const isBareIpv6 = host.split(':').length > 2 && !host.startsWith('[');
  const url = urlOf(`http://${isBareIpv6 ? `[${host}]` : host}`);
  return url && url.pathname === '/' && url.username === '' ? url.hostname : undefined;
}

/** A proxy that reads the other one of two lines would let pass what is refused here (RFC 9112, section 3.2). */
function hostLines(rawHeaders: readonly string[]): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') lines += 1;
  }
  return lines;
}

/**
 * Programs do not send this header; browsers cannot be made to lie in it. `same-site` is foreign as well: to a browser all
 * ports of this machine are one site, and whatever else is served on one of them is not ours.
 */
function isForeignSite(fetchSite: string | string[] | undefined): boolean {
  return fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none';
}

/** Same origin is same host and port; the scheme is not known behind a proxy that ends TLS. */
function isForeignOrigin(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return false;
  const from = urlOf(origin);
  const own = from && urlOf(`${from.protocol}//${host}`);
  return !from || !own || from.host === '' || from.host !== own.host;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
