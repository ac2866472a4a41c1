import type { Instance } from '../../domain/instance.ts';
import type { Session } from '../../domain/session.ts';
import { toRfc3339 } from '../../domain/time.ts';
import type { Finding } from '../../sessions/diagnostics.ts';

type Phase = Extract<Finding, { kind: 'timed_out' }>['phase'];

const WHILE: Readonly<Record<Phase, string>> = {
  connect: 'while connecting',
  key_exchange: 'in the key exchange',
  authentication: 'at the authentication',
  command: 'while a command ran',
};

/** What came of the look at a machine, as a sentence for whoever has to do something about it. */
export function findingNote(
  finding: Finding,
  { session, instance }: { readonly session: Session; readonly instance: Instance },
): string {
  switch (finding.kind) {
    case 'logged_in':
      return finding.report.gpus
        ? "A login with the session's key worked just now; the figures were read through it."
        : "A login with the session's key worked just now, but nvidia-smi did not answer; what could not be read is left out.";
    case 'key_accepted':
      return session.request.sshPublicKey === undefined
        ? "The host accepts the session's public key. The broker's copy of the private key cannot be opened, because the secrets key is another one than it was sealed with, so nothing was read on the machine; tell the operator."
        : "The host accepts the session's public key. The private key is the caller's alone, so the broker reads nothing on the machine. Full SSH diagnostics require client-side SSH access.";
    case 'no_address':
      return session.request.workload.kind === 'entrypoint'
        ? 'The machine serves at api_endpoint and offers no login over SSH.'
        : 'The machine has no known address to log in at.';
    case 'not_trusted':
      return `No login was tried: since ${toRfc3339(instance.hostKeyChangedAt ?? 0)} the host has shown another key than ${instance.hostKey ?? 'the one'} that was pinned at the first login. It may be another machine; do not send it anything.`;
    case 'unreachable':
      return `No login: nothing listens at the address, or the connection broke ${WHILE[finding.phase]}.`;
    case 'timed_out':
      return `No login: the host did not answer in time ${WHILE[finding.phase]}.`;
    case 'auth_refused':
      return "No login: the host answers, and does not accept the session's key.";
    case 'host_key_changed':
      return `No login: the host shows the key ${finding.hostKey} and not ${instance.hostKey ?? 'the one'} that was pinned at the first login. It may be another machine; do not send it anything.`;
  }
}
