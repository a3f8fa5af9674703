// PostgreSQL refuses to run as root; as root its processes run as the user that owns nothing.
import { execFileSync } from 'node:child_process';
import { lchownSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/** The user for a server process, as `spawn` takes it: `{}` (ourselves) unless we are root. */
export const serverUser = process.getuid?.() === 0 ? { uid: idOfNobody('-u'), gid: idOfNobody('-g') } : {};

/** Gives a file or link of ours to the server's user. */
export function own(path) {
  if (serverUser.uid !== undefined) lchownSync(path, serverUser.uid >>> 0, serverUser.gid >>> 0);
}

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

// Looked up, because initdb wants a user that exists: 65534 on Linux, on macOS 4294967294, which `spawn` takes only as -2.
function idOfNobody(which) {
  return Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' })) | 0;
}
