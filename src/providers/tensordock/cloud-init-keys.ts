const PUBLIC_KEY =
  /^((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+) ([A-Za-z0-9+/]{16,}={0,3})(?:\s.*)?$/;

/**
 * Type and key of an OpenSSH public key without its comment, which is free text and goes into a shell line and
 * into YAML. Undefined when the text is not such a key.
 */
export function bareKey(publicKey: string): string | undefined {
  const match = PUBLIC_KEY.exec(publicKey.trim());
  return match ? `${match[1]} ${match[2]}` : undefined;
}

/**
 * Shell lines that put the key in for `root` and `user`. `runcmd` is the only way that has worked: the API's own
 * key field installs nothing, and cloud-init's key list and file list are unreliable here. Safe to run twice.
 */
export function keyCommands(key: string): string[] {
  return [
    ...commandsFor('/root/.ssh', key),
    ...commandsFor('/home/user/.ssh', key),
    'chown -R user:user /home/user/.ssh',
  ];
}

function commandsFor(folder: string, key: string): string[] {
  const file = `${folder}/authorized_keys`;
  return [
    `mkdir -p ${folder}`,
    `chmod 700 ${folder}`,
    `grep -qsxF '${key}' ${file} || echo '${key}' >> ${file}`,
    `chmod 600 ${file}`,
  ];
}
