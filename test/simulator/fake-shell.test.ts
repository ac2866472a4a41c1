import { describe, expect, it } from 'vitest';
import { runLine } from '../../src/simulator/fake-shell.ts';
import { createTerminal } from '../../src/simulator/fake-terminal.ts';
import { MINUTE, marketWorld, pickHost, rentOn } from './market-world.ts';

async function machine() {
  const { clock, market } = marketWorld();
  const { id } = await rentOn(market, pickHost(market, 'vastai', 2), { gpuCount: 2 });
  clock.advance(10 * MINUTE);
  const inside = market.machine(id);
  if (!inside) throw new Error('nobody can look into it');
  return { machine: inside, user: 'root' };
}

describe('the pretended shell', () => {
  it('says what a machine with these GPUs would say', async () => {
    const on = await machine();
    const { gpu, driverVersion } = on.machine.instance.host;
    const query =
      'nvidia-smi --query-gpu=name,memory.total,utilization.gpu,driver_version --format=csv,noheader';
    const row = `${gpu.smiName}, ${gpu.vramMb} MiB, 0 %, ${driverVersion}`;
    expect(runLine(query, on).stdout).toBe(`${row}\n${row}\n`);
    expect(
      runLine('nvidia-smi --query-gpu=index,memory.total --format=csv,noheader,nounits', on).stdout,
    ).toBe(`0, ${gpu.vramMb}\n1, ${gpu.vramMb}\n`);
    expect(runLine('nvidia-smi --query-gpu=memory.total --format=csv', on).stdout).toMatch(
      /^memory.total \[MiB\]\n/,
    );
    expect(runLine('nvidia-smi -L', on).stdout.trim().split('\n')).toHaveLength(2);
    expect(runLine('nvidia-smi', on).stdout).toContain(`${gpu.vramMb}MiB`);
    expect(runLine('nvidia-smi --query-gpu=nonsense --format=csv', on)).toMatchObject({
      exitCode: 2,
    });
  });

  it('knows the plain commands', async () => {
    const on = await machine();
    expect(runLine('true', on)).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(runLine('echo "a  b" \'c;d\' e', on).stdout).toBe('a  b c;d e\n');
    expect(runLine('whoami', on).stdout).toBe('root\n');
    expect(runLine('hostname', on).stdout).toBe(`C.${on.machine.instance.id}\n`);
    expect(runLine('nproc', on).stdout).toBe('8\n');
    expect(runLine('uname -a', on).stdout).toMatch(/^Linux C\.\d+ .* x86_64 GNU\/Linux\n$/);
    expect(runLine('df -h', on).stdout).toContain('100G');
    expect(runLine('df -B1', on).stdout).toContain('100000000000');
    expect(runLine('df -Pk /', on).stdout).toMatch(
      /^Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay 97656250 \d+ \d+ \d+% \/\n$/,
    );
    expect(runLine('uptime', on).stdout).toMatch(/up \d+ min/);
  });

  it('joins commands as a shell does', async () => {
    const on = await machine();
    expect(runLine('true && echo yes || echo no; echo end', on).stdout).toBe('yes\nend\n');
    expect(runLine('false && echo yes || echo no', on).stdout).toBe('no\n');
    expect(runLine('nonsense 2>/dev/null; echo $', on)).toEqual({
      stdout: '$\n',
      stderr: '',
      exitCode: 0,
    });
    expect(runLine('nvidia-smi >/dev/null 2>&1 && echo ok', on).stdout).toBe('ok\n');
  });

  it('knows nothing else, and runs none of it', async () => {
    const on = await machine();
    for (const line of ['vi', 'curl x', '/bin/sh -c id', 'sudo true']) {
      expect(runLine(line, on)).toEqual({
        stdout: '',
        stderr: `sh: 1: ${line.split(' ')[0]}: not found\n`,
        exitCode: 127,
      });
    }
    expect(runLine('cat /etc/passwd', on)).toEqual({
      stdout: '',
      stderr: 'cat: /etc/passwd: No such file or directory\n',
      exitCode: 1,
    });
    expect(runLine('', on).exitCode).toBe(0);
    expect(runLine('echo $(id) `id`', on).stdout).toBe('$(id) `id`\n');
  });
});

describe('the pretended terminal', () => {
  it('echoes, prompts, erases, interrupts and ends', async () => {
    const on = await machine();
    const terminal = createTerminal(() => on);
    const prompt = `root@C.${on.machine.instance.id}:~# `;
    expect(terminal.greeting).toBe(prompt);
    expect(terminal.type('whoamx\u007fi\r').output).toBe(`whoamx\b \bi\r\nroot\r\n${prompt}`);
    expect(terminal.type('abc\u0003').output).toBe(`abc^C\r\n${prompt}`);
    expect(terminal.type('nope\r').output).toContain('sh: 1: nope: not found');
    expect(terminal.type('exit 3\rwhoami\r')).toMatchObject({ exitCode: 3, output: 'exit 3\r\n' });
  });

  it('ends with ^D on an empty line only', async () => {
    const on = await machine();
    const terminal = createTerminal(() => on);
    expect(terminal.type('x\u0004').exitCode).toBeUndefined();
    expect(terminal.type('\u007f\u0004').exitCode).toBe(0);
  });
});
