import { expect, test } from 'vitest';
import { firstBoot } from '../../../src/simulator/tensordock/first-boot.ts';

const RUN =
  'docker run -d --restart unless-stopped --gpus all -p 8000:8000 some/server --port 8000';

/** What the fact sheet says has to be put in before a container with GPUs runs (§7). */
const MADE_READY = [
  'systemctl stop unattended-upgrades',
  'dpkg --configure -a',
  'apt-get install -y -o DPkg::Lock::Timeout=120 nvidia-driver-550 docker.io',
  'apt-get install -y nvidia-container-toolkit',
];

function containerOf(runcmd: readonly string[], image: 'bare' | 'complete' = 'complete') {
  return firstBoot(runcmd, image).container;
}

function written(path: string, text: string): string {
  return `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`;
}

function unit(execStart: string): string {
  return `[Unit]\nDescription=x\n[Service]\nExecStart=${execStart}\n[Install]\nWantedBy=multi-user.target\n`;
}

test('a container that runcmd runs is the machine’s, with its image, arguments and ports', () => {
  expect(containerOf([RUN])).toEqual({
    image: 'some/server',
    args: ['--port', '8000'],
    env: {},
    ports: [8000],
  });
});

test.each<[string, string]>([
  ['quotes', `docker run --gpus all -e 'A=b c' -p 80:80 "img" 'it'\\''s' "a b"`],
  [
    'options in other forms',
    `docker run --gpus=all --env=A='b c' --publish=80:80/tcp --rm img "it's" 'a b'`,
  ],
  [
    'an address to listen at',
    `sudo docker run -it --gpus all -e "A=b c" -p 0.0.0.0:80:80 img it\\'s 'a b'`,
  ],
  [
    'a name for its image',
    `name=img; timeout 60 docker run --gpus all -e "A=b c" -p 80:80 "$name" "it's" a\\ b`,
  ],
])('a command line with %s is read as a shell reads it', (_, line) => {
  expect(containerOf([line])).toEqual({
    image: 'img',
    args: ["it's", 'a b'],
    env: { A: 'b c' },
    ports: [80],
  });
});

test.each<[string, string]>([
  ['gets no GPUs', 'docker run -d -p 8000:8000 some/server'],
  ['has no image', 'docker run -d --gpus all'],
  ['has an image that cannot be pulled', 'docker run -d --gpus all acme/private/server'],
  ['is only pulled', 'docker pull some/server'],
  ['is only spoken of', "echo 'docker run --gpus all some/server'"],
  ['stands behind an open quote', "docker run --gpus all some/server 'x"],
])('a container that %s serves nobody', (_, line) => {
  expect(containerOf([line])).toBeNull();
});

test('an image as it is at first boot needs a driver, Docker and its toolkit, and its packages waited for', () => {
  expect(containerOf([RUN], 'bare')).toBeNull();
  expect(containerOf([...MADE_READY, RUN], 'bare')).toMatchObject({ image: 'some/server' });
});

test.each(MADE_READY.flatMap((line, at) => (line.startsWith('dpkg') ? [] : [at])))(
  'a first boot that leaves step %i out runs no container',
  (left) => {
    const some = MADE_READY.filter((_, at) => at !== left).map((line) =>
      left === 0 ? line.replace('-o DPkg::Lock::Timeout=120 ', '') : line,
    );
    expect(containerOf([...some, RUN], 'bare')).toBeNull();
  },
);

test('a script that a unit starts is read, and so is one that is run at once', () => {
  const script = `#!/bin/bash\nrun_it() {\n  ${RUN}\n}\nif ! docker inspect x; then run_it; fi\n`;
  const viaUnit = [
    'mkdir -p /opt/x',
    written('/opt/x/run.sh', script),
    written('/etc/systemd/system/x.service', unit('/bin/bash /opt/x/run.sh')),
    'systemctl daemon-reload && systemctl enable --now x',
  ];
  expect(containerOf(viaUnit)).toMatchObject({ image: 'some/server' });
  expect(containerOf(viaUnit.slice(0, 3))).toBeNull();
  expect(containerOf([written('/opt/run.sh', script), 'nohup bash /opt/run.sh &'])).not.toBeNull();
});

test('what each boot starts is the start script; what one boot starts is none', () => {
  const put = [
    written('/opt/start.sh', 'echo "hello"\n'),
    written('/etc/systemd/system/hello.service', unit('/bin/bash /opt/start.sh')),
  ];
  const startOf = (...more: readonly string[]) => firstBoot([...put, ...more], 'bare').onStart;
  expect(startOf('systemctl enable hello.service', 'systemctl start --no-block hello')).toBe(
    'echo "hello"\n',
  );
  expect(startOf('systemctl start hello')).toBeNull();
  expect(startOf('systemctl enable hello')).toBeNull();
  expect(startOf('bash /opt/start.sh')).toBeNull();
});

test('text that is no base64, or that goes where nothing is, is lost', () => {
  const start = ['systemctl enable --now x'];
  const script = written('/opt/run.sh', RUN);
  const service = written('/etc/systemd/system/x.service', unit('/bin/bash /opt/run.sh'));
  expect(containerOf([script, service, ...start])).not.toBeNull();
  expect(containerOf([script.replace('echo ', 'echo %'), service, ...start])).toBeNull();
  expect(containerOf([script.replaceAll('/opt', '/opt/new'), service, ...start])).toBeNull();
});
