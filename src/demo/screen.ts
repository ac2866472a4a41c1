const isColoured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

function paint(code: string, text: string): string {
  return isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export const bold = (text: string): string => paint('1', text);
export const dim = (text: string): string => paint('2', text);
export const green = (text: string): string => paint('32', text);
export const cyan = (text: string): string => paint('36', text);

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function heading(number: number, text: string): void {
  say();
  say(bold(`${number}. ${text}`));
}

/** A request as one would type it. */
export function command(line: string): void {
  say(`   ${cyan('$')} ${cyan(line)}`);
}

export function answer(text: string): void {
  for (const line of text.trimEnd().split('\n')) say(`   ${line}`);
}

/** Columns padded to their widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const [index, row] of rows.entries()) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    answer(index === 0 ? dim(line.trimEnd()) : line.trimEnd());
  }
}

/** Replaces itself on a terminal; one line a change elsewhere. */
export function progress(): { show(text: string): void; done(text: string): void } {
  let last = '';
  return {
    show: (text) => {
      if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K   ${dim(text)}`);
      else if (text.split(' after ')[0] !== last.split(' after ')[0]) say(`   ${text}`);
      last = text;
    },
    done: (text) => {
      if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
      answer(text);
    },
  };
}
