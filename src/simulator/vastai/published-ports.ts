import type { Contract } from './contracts.ts';

/** No machine maps more for one container (§7.3). */
export const MAX_PORTS = 64;

export interface PublishedPort {
  readonly internal: number;
  readonly protocol: 'tcp' | 'udp';
}

/** `-p 8000:8000` is 8000 over TCP, `-p 8082:8082/udp` over UDP; the outer number is not heeded (§7.3). */
export function publishedPorts(env: Contract['env']): readonly PublishedPort[] {
  return env.flatMap(([key]) => {
    const [, port, protocol] = /^-p \d+:(\d{1,5})(?:\/(tcp|udp))?$/.exec(key) ?? [];
    if (port === undefined) return [];
    return [{ internal: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' }];
  });
}
