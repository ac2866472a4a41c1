import type { Container } from '../../domain/workload.ts';
import { DRIVER, GPUS_OR_REBOOT, HEAD, NO_UPGRADES, PACKAGES } from './driver-script.ts';
import { quoted } from './shell-quote.ts';

/** What the container is called on the machine. */
const NAME = 'gpu-broker-workload';

/**
 * The script that brings a fresh machine to where it can run the container, and runs it. Safe to run again, at each boot
 * and after a failure: it does what is still to do. Every wait has an end; the log says where it got to.
 */
export function containerScript(container: Container): string {
  return [
    ...[HEAD, PACKAGES, DRIVER, DOCKER],
    `image=${quoted(container.image)}`,
    `run_container() {\n  ${runLine(container)}\n}`,
    MAIN,
  ].join('\n');
}

/**
 * Servers that split a model over several GPUs exchange it through shared memory, of which Docker gives 64 MB, hence the
 * machine's own. Logs are kept from filling the disk.
 */
function runLine({ args, env, ports }: Container): string {
  return [
    `timeout 600 docker run --detach --name ${NAME} --restart unless-stopped --gpus all --ipc host`,
    '--log-opt max-size=50m --log-opt max-file=3',
    ...ports.map((port) => `--publish ${port}:${port}`),
    ...Object.entries(env).map(([name, value]) => `--env ${quoted(`${name}=${value}`)}`),
    '"$image"',
    ...args.map(quoted),
  ].join(' ');
}

const DOCKER = String.raw`install_docker() {
  say 'installing Docker'
  prepare_packages
  get docker.io
}
docker_answers() { timeout 30 docker version > /dev/null 2>&1; }
install_toolkit() {
  say 'installing the NVIDIA container toolkit'
  prepare_packages
  get curl gnupg ca-certificates
  local site=https://nvidia.github.io/libnvidia-container key=/usr/share/keyrings/nvidia-container-toolkit.gpg
  again 3 curl -fsSL --max-time 60 -o "$state/toolkit.asc" "$site/gpgkey" || return 1
  gpg --batch --yes --dearmor -o "$key" "$state/toolkit.asc" || return 1
  echo "deb [signed-by=$key] $site/stable/deb/\$(ARCH) /" > /etc/apt/sources.list.d/nvidia-container-toolkit.list
  again 3 timeout 300 apt-get -q -o DPkg::Lock::Timeout=300 update
  get nvidia-container-toolkit
}
docker_knows_gpus() { timeout 30 docker info --format '{{json .Runtimes}}' 2> /dev/null | grep -q nvidia; }
teach_docker_gpus() {
  has nvidia-ctk || install_toolkit || return 1
  nvidia-ctk runtime configure --runtime=docker && timeout 120 systemctl restart docker
  again 12 docker_knows_gpus
}
`;

const MAIN = `
say "making ready to run $image"
${NO_UPGRADES}
${GPUS_OR_REBOOT}
has docker || install_docker || give_up 'Docker cannot be installed'
timeout 60 systemctl enable --now docker
again 30 docker_answers || give_up 'Docker does not answer'
docker_knows_gpus || teach_docker_gpus || give_up 'Docker cannot be given the GPUs'
if ! docker container inspect ${NAME} > /dev/null 2>&1; then
  say 'pulling the image'
  again 3 timeout 3600 docker pull --quiet "$image" || give_up 'the image cannot be pulled'
  run_container || give_up 'the container cannot be run'
fi
again 30 docker start ${NAME} > /dev/null || give_up 'the container cannot be started'
say 'the container runs'
`;
