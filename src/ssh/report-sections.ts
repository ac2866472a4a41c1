/** Stands before what each command says, so that a greeting or one command's complaint is not read as another's answer. */
export const MARKS = {
  before: 'gpu-broker:before',
  cpus: 'gpu-broker:cpus',
  network: 'gpu-broker:network',
  groups: 'gpu-broker:groups',
  disks: 'gpu-broker:disks',
  terminals: 'gpu-broker:terminals',
  disk: 'gpu-broker:disk',
  gpus: 'gpu-broker:gpus',
  samples: 'gpu-broker:samples',
  banner: 'gpu-broker:banner',
  programs: 'gpu-broker:programs',
  after: 'gpu-broker:after',
  end: 'gpu-broker:end',
};

const ALL_MARKS: ReadonlySet<string> = new Set(Object.values(MARKS));

export function hasMark(output: string, mark: string): boolean {
  return output.split(/\r?\n/).some((line) => line.trim() === mark);
}

/** The lines after a mark, up to the next one. */
export function sectionOf(lines: readonly string[], mark: string): readonly string[] {
  const start = lines.findIndex((line) => line.trim() === mark);
  if (start === -1) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => ALL_MARKS.has(line.trim()));
  return end === -1 ? rest : rest.slice(0, end);
}
