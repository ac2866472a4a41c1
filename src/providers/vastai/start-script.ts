import { gzipSync } from 'node:zlib';
import { ProviderFailure } from '../../domain/errors.ts';
import type { LoginWorkload } from '../../domain/workload.ts';

/**
 * Shows the container's variables to logins, and keeps those out of tmux. It runs again at each start, when some variables
 * have other values: so what the image had in the file is kept aside once, and the variables are put behind that.
 */
const SHOW_VARIABLES =
  'touch /etc/environment; cp -n /etc/environment /etc/environment.image; ' +
  '{ cat /etc/environment.image; env; } > /etc/environment';
const NO_TMUX = 'touch ~/.no_auto_tmux';

/** Sources name 4,048, 4,096 and 16,384 characters as the limit: what is longer than this goes packed, if that helps. */
const PLAIN_LIMIT_CHARS = 3_900;
/** Of the highest limit that anybody saw, less some. */
const HARD_LIMIT_CHARS = 16_000;

/**
 * The shell that each start of the machine runs; undefined where the template's own is all there is to run. A start script of
 * the request's takes the template's place, so the template's goes into it.
 */
export function startScript({ onStart, template }: LoginWorkload): string | undefined {
  if (!template) return fitted([SHOW_VARIABLES, NO_TMUX, onStart ?? '']);
  if (onStart === undefined) return undefined;
  return fitted([besides(template.onStart ?? ''), NO_TMUX, onStart]);
}

/**
 * Begun first and not waited for: the start commands of the marketplace's own images supervise their programs and never
 * return. They also write the variables of logins by themselves, so ours stay away from that file.
 */
function besides(script: string): string {
  return script.trim() === '' ? '' : `(\n${script}\n) &`;
}

function fitted(parts: readonly string[]): string {
  const script = parts.filter((part) => part.trim() !== '').join('\n');
  if (script.length <= PLAIN_LIMIT_CHARS) return script;
  const short = [packed(script), script].sort((left, right) => left.length - right.length)[0];
  if (short !== undefined && short.length <= HARD_LIMIT_CHARS) return short;
  throw new ProviderFailure({
    kind: 'invalid',
    outcome: 'not_done',
    detail: 'the start command is too long for this provider, together with the template’s own',
  });
}

/** Unpacked into the shell itself and not into another one's input, which the script's commands might read. */
function packed(script: string): string {
  return `eval "$(echo ${gzipSync(script, { level: 9 }).toString('base64')} | base64 -d | gzip -d)"`;
}
