/** A script that runs as root at each boot, beside everything else. */
export interface BootJob {
  readonly name: 'driver' | 'on-start' | 'workload';
  readonly description: string;
  readonly script: string;
  /** A renter's script means what it says when it fails; ours is safe to run again and may yet find what it needs. */
  readonly onFailure: 'leave' | 'repeat';
  /** Set where others begin when this one has come to its end, well or not. */
  readonly isAwaited?: true;
  /** An awaited job that goes before this one. */
  readonly after?: BootJob['name'];
}

const FOLDER = '/var/lib/gpu-broker';

/**
 * Shell lines that put the job on the machine and start it. Both files come as base64, which survives YAML, the shell
 * and the marketplace's own template; `write_files` cannot decode it here. Nothing waits for the job: what follows a
 * command that does not end is never run, and the login would be lost with it. Safe to run twice.
 */
export function bootJobCommands(job: BootJob): string[] {
  const unit = unitOf(job.name);
  return [
    `mkdir -p ${FOLDER}`,
    // The script may hold a renter's secrets.
    `chmod 700 ${FOLDER}`,
    decoded(job.script, scriptPath(job)),
    decoded(unitText(job), `/etc/systemd/system/${unit}`),
    'systemctl daemon-reload',
    `systemctl enable ${unit}`,
    `systemctl start --no-block ${unit}`,
  ];
}

function unitOf(name: BootJob['name']): string {
  return `gpu-broker-${name}.service`;
}

function scriptPath({ name }: BootJob): string {
  return `${FOLDER}/${name}.sh`;
}

function decoded(text: string, path: string): string {
  return `echo ${Buffer.from(text, 'utf8').toString('base64')} | base64 -d > ${path}`;
}

/**
 * `simple`, so that no target waits for a script that does not end; `oneshot` for one whose waits all have an end. What the script leaves in the background lives on
 * after it (`process`, and the unit stays), as it does where a container's start script leaves something.
 */
function unitText(job: BootJob): string {
  return `[Unit]
Description=${job.description}
Wants=network-online.target
After=network-online.target${job.after === undefined ? '' : ` ${unitOf(job.after)}`}
StartLimitIntervalSec=6h
StartLimitBurst=6

[Service]
Type=${job.isAwaited ? 'oneshot' : 'simple'}
ExecStart=/bin/bash ${scriptPath(job)}
WorkingDirectory=/root
Environment=HOME=/root
StandardOutput=append:/var/log/gpu-broker-${job.name}.log
StandardError=inherit
KillMode=process
RemainAfterExit=yes
${job.onFailure === 'repeat' ? 'Restart=on-failure\nRestartSec=30\n' : ''}
[Install]
WantedBy=multi-user.target
`;
}
