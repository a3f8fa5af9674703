// Buckets and objects for s3rver: contents in numbered files, names in memory, since the server is temporary.
//
// s3rver's own store writes an object under its name while it is being uploaded, so a reader sees half a file; it lists in the
// order of folders, not of keys, so pagination loses keys; it finds no common prefix whose folder holds only folders; and it
// ignores If-Match. Here an object appears whole or not at all, and a listing costs what it returns.
import { AsyncLocalStorage } from 'node:async_hooks';
import { copyFile, open, stat, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const FilesystemStore = require('@20minutes/s3rver/lib/stores/filesystem');
const S3Bucket = require('@20minutes/s3rver/lib/models/bucket');
const S3Error = require('@20minutes/s3rver/lib/models/error');
const S3Object = require('@20minutes/s3rver/lib/models/object');

/** The conditional headers of the request being answered, which s3rver does not hand to its store. */
export const conditions = new AsyncLocalStorage();

// S3 orders keys by their UTF-8 bytes. One character per byte makes JavaScript's comparison do the same.
const toBytes = (text) => Buffer.from(text, 'utf8').toString('latin1');
const fromBytes = (bytes) => Buffer.from(bytes, 'latin1').toString('utf8');

/** Uploads in parts, tagging and bucket configurations are s3rver's own. */
export class ObjectStore extends FilesystemStore {
  #buckets = new Map(); // name → { created, names: key bytes in order, objects: key bytes → { file, metadata } }
  #files = 0;

  async listBuckets() {
    return [...this.#buckets].map(([name, { created }]) => new S3Bucket(name, created));
  }

  async getBucket(name) {
    return this.#buckets.has(name) ? new S3Bucket(name, this.#buckets.get(name).created) : null;
  }

  async putBucket(name) {
    this.#buckets.set(name, { created: new Date(), names: [], objects: new Map() });
    return this.getBucket(name);
  }

  async deleteBucket(name) {
    this.#buckets.delete(name);
  }

  async existsObject(bucket, key) {
    return this.#find(bucket, key) !== undefined;
  }

  async putObject({ bucket, key, content, metadata }) {
    const file = this.#newFile();
    try {
      const [size, md5] = await this.putContent(file, content);
      this.#put(bucket, key, file, { ...metadata, etag: JSON.stringify(md5), 'content-length': size });
      return { size, md5 };
    } catch (error) {
      await unlink(file).catch(() => {});
      throw error;
    }
  }

  async copyObject(fromBucket, fromKey, bucket, key, replacement) {
    const { file: from, metadata } = this.#find(fromBucket, fromKey);
    const file = this.#newFile();
    await copyFile(from, file);
    return this.#put(bucket, key, file, { ...(replacement ?? metadata), etag: metadata.etag, 'content-length': (await stat(file)).size });
  }

  async getObject(bucket, key, { start, end } = {}) {
    const found = this.#find(bucket, key);
    if (!found) return null;
    this.#check(found, false);
    const last = found.metadata['content-length'] - 1;
    const range = { start: start ?? 0, end: Math.min(end ?? last, last) };
    const object = new S3Object(bucket, key, null, found.metadata);
    if (start !== undefined || end !== undefined) object.range = range;
    if (last >= 0 && range.end < range.start) return object;
    try {
      // Opened before it is answered: from here on a replacement cannot change what is read.
      const opened = await open(found.file);
      object.content = opened.createReadStream(last < 0 ? {} : range);
      return object;
    } catch (error) {
      if (error.code === 'ENOENT') return this.getObject(bucket, key, { start, end }); // replaced in between
      throw error;
    }
  }

  async deleteObject(bucket, key) {
    const { names, objects } = this.#buckets.get(bucket);
    const name = toBytes(key);
    const found = objects.get(name);
    if (!found) return;
    objects.delete(name);
    names.splice(position(names, name), 1);
    await unlink(found.file);
  }

  /** Only keys count towards maxKeys: s3rver takes the last key of a page as the place to go on from. */
  async listObjects(bucket, { delimiter = '', startAfter = '', prefix = '', maxKeys = Infinity }) {
    const { names, objects } = this.#buckets.get(bucket);
    const [wanted, after, border] = [prefix, startAfter, delimiter].map(toBytes);
    const page = { objects: [], commonPrefixes: [], isTruncated: false };
    let at = Math.max(position(names, wanted), after ? position(names, `${after}\0`) : 0);
    while (at < names.length && names[at].startsWith(wanted)) {
      const cut = border ? names[at].indexOf(border, wanted.length) : -1;
      if (cut >= 0) {
        const common = names[at].slice(0, cut + border.length);
        page.commonPrefixes.push(fromBytes(common));
        at = position(names, `${common}\u0100`); // beyond every byte, so beyond every key of this prefix
      } else if (page.objects.length < maxKeys) {
        page.objects.push(new S3Object(bucket, fromBytes(names[at]), null, objects.get(names[at++]).metadata));
      } else {
        page.isTruncated = true;
        break;
      }
    }
    return page;
  }

  #find(bucket, key) {
    return this.#buckets.get(bucket)?.objects.get(toBytes(key));
  }

  #newFile() {
    return join(this.rootDirectory, `object-${++this.#files}`);
  }

  /** Makes an object visible, in one step. */
  #put(bucket, key, file, metadata) {
    const { names, objects } = this.#buckets.get(bucket);
    const name = toBytes(key);
    const before = objects.get(name);
    this.#check(before, true);
    if (!before) names.splice(position(names, name), 0, name);
    const stored = { ...new S3Object(bucket, key, null, metadata).metadata, 'last-modified': new Date().toUTCString() };
    objects.set(name, { file, metadata: stored });
    if (before) unlink(before.file).catch(() => {});
    return stored;
  }

  /** If-Match for reading and writing, in the same step as the use of the object; a GET's If-None-Match is s3rver's (304). */
  #check(object, isWritten) {
    const { ifMatch, ifNoneMatch } = conditions.getStore();
    const isAnother = ifMatch && ifMatch.replaceAll('"', '') !== object?.metadata.etag.replaceAll('"', '');
    if (isAnother || (isWritten && ifNoneMatch === '*' && object))
      throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
        Condition: isAnother ? 'If-Match' : 'If-None-Match',
      });
  }
}

/** The index of the first name that is not before the given one. */
function position(names, name) {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (names[middle] < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
