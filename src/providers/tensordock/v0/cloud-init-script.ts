/** Newlines are written as a backslash and an `n`: the field is pasted into a template on the other side. */
export function cloudInitScript(commands: readonly string[]): string {
  return ['runcmd:', ...commands.map((command) => `  - ${command}`), ''].join('\\n');
}
