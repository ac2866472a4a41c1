import type { Instance } from '../../../src/domain/instance.ts';
import type { Login } from '../../../src/ports/remote-shell.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * Once a host has shown its key, nothing is sent to whatever answers at its address with another one, no signature and no
 * command; and when that has been written down nobody even connects there any more.
 */
export const strangersGetNothing: Checker = {
  name: 'nothing is sent to a host with another key',
  onLogin: (evidence, login, met) => {
    const row = rowAt(evidence, login);
    if (row === undefined) return undefined;
    if (
      row.hostKeyChangedAt !== undefined &&
      row.hostKeyChangedAt < evidence.brokerNow() - SETTLES_MS
    ) {
      return `${row.tag}: another host key was seen at ${row.hostKeyChangedAt}, and a login was tried again`;
    }
    const isSent = met.kind === 'in' || met.kind === 'auth_refused';
    return isSent && row.hostKey !== undefined && login.hostKey !== row.hostKey
      ? `${row.tag}: a login was made without holding the host to its key`
      : undefined;
  },
};

/** A login that was on its way when the row was written; and a clock that may have been set. */
const SETTLES_MS = 60_000;

function rowAt({ books }: Evidence, login: Login): Instance | undefined {
  return books.sessions
    .flatMap(({ instances }) => instances)
    .findLast(
      ({ address, state }) =>
        state === 'launched' && address?.host === login.host && address.port === login.port,
    );
}
