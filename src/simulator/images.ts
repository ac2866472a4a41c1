/**
 * Images that no machine can pull, told by their names: there is no registry here to ask. Whoever rents with one learns of
 * it from the machine's status alone (Vast.ai facts §7.5, §10).
 */
export function pullFailure(image: string): string | undefined {
  if (/(^|\/)private\//.test(image)) {
    return `Error response from daemon: pull access denied for ${repositoryOf(image)}, repository does not exist or may require authorization\n`;
  }
  if (image.endsWith(':missing')) {
    return `Error response from daemon: manifest for ${image} not found: manifest unknown\n`;
  }
  if (image.endsWith(':unresolved')) {
    return `failed to resolve reference "docker.io/${image}": docker.io/${image}: not found\n`;
  }
  if (/(^|\/)members\//.test(image)) {
    return 'Error response from daemon: unauthorized: authentication required\n';
  }
  // Not the image's fault: from another address, or later, it can be had.
  if (image.endsWith(':throttled')) {
    return 'Error response from daemon: toomanyrequests: You have reached your pull rate limit.\n';
  }
  return undefined;
}

function repositoryOf(image: string): string {
  return image.replace(/:[^/:]*$/, '');
}
