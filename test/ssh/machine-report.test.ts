import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReport } from '../../src/ssh/machine-report.ts';

const BANNER = `Sun Jun  7 08:16:57 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.133.20             Driver Version: 570.133.20     CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+`;
const DF = `Filesystem     1024-blocks      Used Available Capacity Mounted on
overlay          104857600  64530432  40327168      62% /`;

function printed(parts: { disk?: string; gpus?: string; banner?: string }): string {
  const { disk = '', gpus = '', banner = '' } = parts;
  return `gpu-broker:disk\n${disk}\ngpu-broker:gpus\n${gpus}\ngpu-broker:banner\n${banner}\n`;
}

describe('what a machine printed', () => {
  test('is read whole', () => {
    const gpus =
      'NVIDIA A100-SXM4-80GB, 81920, 512, 98, 61, 301.55\nNVIDIA A100-SXM4-80GB, 81920, 0, 0, 34, 58.10';
    const card = { name: 'NVIDIA A100-SXM4-80GB', memoryTotalMb: 81_920 };
    expect(readReport(printed({ disk: DF, gpus, banner: BANNER }))).toEqual({
      gpus: [
        { ...card, memoryUsedMb: 512, utilizationPercent: 98, temperatureC: 61, powerW: 302 },
        { ...card, memoryUsedMb: 0, utilizationPercent: 0, temperatureC: 34, powerW: 58 },
      ],
      driverVersion: '570.133.20',
      cudaVersion: '12.8',
      diskFreeBytes: 40_327_168 * 1024,
    });
  });

  test.each(['[N/A]', 'N/A', '[Not Supported]', '[Unknown Error]', '[GPU is lost]', 'ERR!'])(
    'leaves out the figure in whose place stands %s',
    (absent) => {
      const gpus = `NVIDIA GH200 480GB, ${absent}, 3, ${absent}, 40, ${absent}`;
      expect(readReport(printed({ gpus })).gpus).toEqual([
        {
          name: 'NVIDIA GH200 480GB',
          memoryTotalMb: undefined,
          memoryUsedMb: 3,
          utilizationPercent: undefined,
          temperatureC: 40,
          powerW: undefined,
        },
      ]);
    },
  );

  test('keeps a name with a comma in it', () => {
    const { gpus } = readReport(printed({ gpus: 'Tesla K80, half, 11441, 0, 0, 30, 12' }));
    expect(gpus).toMatchObject([{ name: 'Tesla K80, half', memoryTotalMb: 11_441 }]);
  });

  test('is read from drivers that name both halves of themselves', () => {
    const banner =
      '| NVIDIA-SMI 610.43.02              KMD Version: 610.43.02     CUDA UMD Version: 13.3     |';
    expect(readReport(printed({ banner }))).toMatchObject({
      driverVersion: '610.43.02',
      cudaVersion: '13.3',
    });
  });

  test.each([
    ['no driver', ''],
    ['no devices', 'No devices were found'],
    [
      'a broken driver',
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
    ],
    ['a mismatch', 'Failed to initialize NVML: Driver/library version mismatch'],
    ['an unknown field', 'Field "utilization.gpu" is not a valid field to query.'],
    ['only a name', 'NVIDIA GeForce RTX 4090'],
    ['nothing for a name', ', 1, 2, 3, 4, 5'],
    ['words for figures', 'NVIDIA GeForce RTX 4090, much, little, some, warm, hot'],
    ['what no text should hold', 'RTX\u001b[2J, 1, 2, 3, 4, 5'],
    ['a name without end', `${'x'.repeat(101)}, 1, 2, 3, 4, 5`],
  ])('has no GPUs with %s', (_, gpus) => {
    expect(readReport(printed({ gpus, banner: gpus, disk: gpus }))).toEqual({
      gpus: undefined,
      driverVersion: undefined,
      cudaVersion: undefined,
      diskFreeBytes: undefined,
    });
  });

  test('has no CUDA version where the driver names none', () => {
    const banner = '| NVIDIA-SMI 535.54    Driver Version: 535.54    CUDA Version: N/A  |';
    expect(readReport(printed({ banner }))).toMatchObject({
      driverVersion: '535.54',
      cudaVersion: undefined,
    });
  });

  test('is read behind a greeting, and as far as it came', () => {
    const output = `Welcome!\nToday, 1, 2, 3, 4, 5 things are new.\n${printed({ disk: DF })}`;
    const cut = output.slice(0, output.indexOf('gpu-broker:gpus'));
    for (const text of [output, cut, output.replaceAll('\n', '\r\n')]) {
      expect(readReport(text)).toMatchObject({
        gpus: undefined,
        diskFreeBytes: 40_327_168 * 1024,
      });
    }
  });

  test('tells of the disk that holds the root directory, whatever its name', () => {
    const disk = `Filesystem 1024-blocks Used Available Capacity Mounted on
my disk 100 50 50 50% /data
C:/my disk 1000 250 750 25% /`;
    expect(readReport(printed({ disk })).diskFreeBytes).toBe(750 * 1024);
  });

  test('is not believed beyond what a machine can hold', () => {
    const gpus = 'NVIDIA T4, 15360, 0, 0, 30, 9\n'.repeat(1_000);
    expect(readReport(printed({ gpus })).gpus).toHaveLength(64);
  });

  test('is read without a fault and soon, whatever it is', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        ...['gpu-broker:disk', 'gpu-broker:gpus', 'gpu-broker:banner', '\n', ', ', '[N/A]', '%'],
        ...['Driver Version: ', 'CUDA Version: ', '99999999999999999999', '1.2.3', ' / ', '\u0000'],
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const { gpus = [], diskFreeBytes = 0 } = readReport(parts.join(''));
        expect(gpus.every(({ name }) => /^[ -~]{1,100}$/.test(name))).toBe(true);
        expect(Number.isSafeInteger(diskFreeBytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
    const started = performance.now();
    readReport(
      printed({ gpus: ', '.repeat(120_000), banner: 'Driver Version: 1.'.repeat(14_000) }),
    );
    readReport(printed({ disk: ' 1'.repeat(120_000) }));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('a list of GPUs that did not come to its end is told to be cut off', () => {
  const cut = 'gpu-broker:disk\n\ngpu-broker:gpus\nNVIDIA T4, 15360, 0, 0, 30, 9\n';
  expect(readReport(cut)).toMatchObject({ isGpuListCut: true, gpus: [{ name: 'NVIDIA T4' }] });
  expect(readReport(`${cut}gpu-broker:samples\n`)).not.toHaveProperty('isGpuListCut');
});

const UP = 'gpu-broker:before\n61.5 100.2\n';

test('rows of endless figures are read in no time, and are no rows', () => {
  const hostile = [
    `eth0:${'1'.repeat(200)}x`,
    `eth0: ${'1 '.repeat(400)}x`,
    `eth0:${'12 '.repeat(9)}`,
  ];
  for (const row of hostile) {
    const { work } = readReport(`${UP}gpu-broker:network\n${`${row}\n`.repeat(50)}`);
    expect(work?.networkBytes).toBeUndefined();
  }
  const good = `eth0: ${Array.from({ length: 16 }, (_, index) => index + 1).join(' ')}`;
  expect(readReport(`${UP}gpu-broker:network\n${good}\n`).work?.networkBytes).toBe(10);
});
