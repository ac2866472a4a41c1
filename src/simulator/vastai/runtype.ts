/** What the server calls a runtype once it has stored it (§7.2); `direc` is its own spelling. */
const STORED: ReadonlyMap<string, string> = new Map([
  ['ssh', 'ssh_proxy'],
  ['ssh_proxy', 'ssh_proxy'],
  ['ssh_direct', 'ssh_direc ssh_proxy'],
  ['ssh_direc ssh_proxy', 'ssh_direc ssh_proxy'],
  ['jupyter', 'jupyter_proxy ssh_proxy'],
  ['jupyter_proxy', 'jupyter_proxy ssh_proxy'],
  ['jupyter_proxy ssh_proxy', 'jupyter_proxy ssh_proxy'],
  ['jupyter_direct', 'jupyter_direc ssh_direc ssh_proxy'],
  ['jupyter_direc ssh_direc ssh_proxy', 'jupyter_direc ssh_direc ssh_proxy'],
  ['args', 'args'],
]);

export const DEFAULT_RUNTYPE = 'ssh';

export function storedRuntype(asked: string): string | undefined {
  return STORED.get(asked);
}

/** The image's own entrypoint runs, and no sshd unless the image has one (§7.2). */
export function isArgs(runtype: string): boolean {
  return runtype === 'args';
}

export function isDirect(runtype: string): boolean {
  return runtype.includes('direc');
}

export function isJupyter(runtype: string): boolean {
  return runtype.includes('jupyter');
}
