// PostgreSQL refuses to run as root; as root its processes run as this user, which owns nothing else of ours.
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

const nobody = { uid: 65534, gid: 65534 };

/** The user for a server process: `{}` (ourselves) unless we are root. */
export const serverUser = process.getuid?.() === 0 ? nobody : {};

/** Whether the server's user may reach a path, execute it or enter it: so for others, on it and on every folder above. */
export function reachable(path) {
  if (serverUser.uid === undefined) return true;
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Where temporary folders go. Root's own temporary folder may be closed to others (pam_tmpdir makes it so). */
export function temporaryRoot() {
  return [tmpdir(), '/tmp', '/var/tmp'].find(reachable) ?? tmpdir();
}
