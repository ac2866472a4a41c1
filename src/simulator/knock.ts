import type { SimMs, SshAnswer, SshKnock } from './model.ts';
import { SSH_PORT } from './ssh-plane.ts';
import type { InstanceRecord, World } from './world.ts';

const USERS = { vastai: ['root'], tensordock: ['root', 'user'] } as const;

/** What somebody who dials that address meets at this moment. */
export function answerKnock(world: World, knock: SshKnock): SshAnswer {
  const record = world.addresses.get(`${knock.host}:${knock.port}`);
  // An address without a machine: a firewall swallows what comes to 22, a forwarded port that is not forwarded refuses.
  if (!record) return { kind: knock.port === SSH_PORT ? 'hangs' : 'refused' };
  const now = world.clock.now();
  if (record.view.offlineSince !== null) return { kind: 'hangs' };
  if (stalls(record, now)) return { kind: 'stalls' };
  if (!listens(record, now)) return { kind: 'refused' };
  const { hostKey } = record;
  return admits(record, { user: knock.user, publicKey: knock.publicKey, now })
    ? { kind: 'open', hostKey, instance: record.view }
    : { kind: 'auth_failed', hostKey };
}

/** A host that is not heard of swallows what is sent to it, which nobody can tell from one that takes it and says nothing. */
export function stalls({ view, stallsUntil }: InstanceRecord, now: SimMs): boolean {
  return view.state === 'running' && (view.offlineSince !== null || now < stallsUntil);
}

/** A container that runs its own entrypoint on Vast.ai has no login; a virtual machine has one beside its container. */
export function listens(record: InstanceRecord, now: SimMs): boolean {
  const { market, container } = record.view;
  if (market === 'vastai' && container !== null) return false;
  return record.view.state === 'running' && record.sshUpAt !== null && now >= record.sshUpAt;
}

export interface Login {
  readonly user: string;
  readonly publicKey: string;
  readonly now: SimMs;
}

export function admits(record: InstanceRecord, { user, publicKey, now }: Login): boolean {
  if (record.view.host.nature === 'never_lets_in') return false;
  if (record.isStranger) return true;
  const users: readonly string[] = USERS[record.view.market];
  if (!users.includes(user)) return false;
  return record.keys.some((key) => now >= key.worksFrom && isSameKey(key.publicKey, publicKey));
}

/** Compares type and blob; the comment says nothing. */
export function isSameKey(left: string, right: string): boolean {
  const [leftType, leftBlob] = left.trim().split(/\s+/);
  const [rightType, rightBlob] = right.trim().split(/\s+/);
  return leftType === rightType && leftBlob !== undefined && leftBlob === rightBlob;
}
