/** Texts after which nothing comes up on this machine (docs and live runs, 2026). General words like "error" are not among them. */
const FATAL =
  /manifest for .* not found|manifest unknown|failed to resolve reference|pull access denied|authentication required|oci runtime create failed|container failed to start|unable to start instance|docker_build\(\) error|no space left on device/i;

/** The image is missing or private: no machine can have it. */
const NO_IMAGE =
  /manifest for .* not found|manifest unknown|failed to resolve reference|pull access denied|authentication required/i;

/** Words beside those that tell of the way to the registry, or of its patience, and not of the image. */
const NOT_REACHED =
  /failed to do request|dial tcp|timeout|timed out|deadline exceeded|connection (?:refused|reset)|no such host|temporary failure|tls|x509|toomanyrequests|too many requests|rate limit|unexpected status[^\n]*\b(?:429|5\d\d)\b|unexpected eof/i;

/** True for a status text after which a container that does not run yet will not run here. */
export function isFatal(message: string): boolean {
  return FATAL.test(message);
}

/** True for one after which it will run nowhere. */
export function isImageMissing(message: string): boolean {
  return NO_IMAGE.test(message) && !NOT_REACHED.test(message);
}
