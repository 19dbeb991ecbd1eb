/**
 * Follows the certificate files, so that a renewed certificate is served without a restart. Connections that are open
 * keep theirs.
 *
 * The folders are watched and not the files: whoever renews certificates renames new files over the old ones, or turns
 * a link, and a watch of a file would stay with the old. Files are compared by what they hold. Where the file system tells
 * of nothing (network folders), they are read again every minute.
 *
 * quiet -> (an event) waiting, for the other files of the same renewal -> reading -> quiet. An event while reading is
 * not lost: it begins anew.
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { EdgeLog } from './listener.ts';
import { readTls, type TlsContext, type TlsKeys, type TlsOptions } from './tls.ts';

/** Milliseconds between an event and the reading: a certificate and its key are two files. */
const settleMs = 200;
/** Milliseconds. */
const rereadEveryMs = 60_000;

export class TlsReload {
  readonly #renew: (keys: TlsKeys) => void;
  readonly #files: TlsOptions;
  readonly #log: EdgeLog;
  readonly #watchers: FSWatcher[] = [];
  readonly #reread: NodeJS.Timeout;
  #served: string;
  #settling: NodeJS.Timeout | undefined;
  #reading = false;
  #closed = false;
  /** What is wrong with the files on disk, as the log has it already. */
  #complaint = '';

  constructor(renew: (keys: TlsKeys) => void, files: TlsOptions, served: TlsContext, log: EdgeLog) {
    this.#renew = renew;
    this.#files = files;
    this.#log = log;
    this.#served = served.content;
    this.#warnIfExpired(served);
    const { cert, key, clientCa } = files;
    const paths = [cert, key, ...(clientCa === undefined ? [] : [clientCa])];
    for (const folder of new Set(paths.map((path) => dirname(path)))) this.#watch(folder);
    this.#reread = setInterval(() => this.#changed(), rereadEveryMs).unref();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#reread);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string): void {
    const report = (error: unknown) =>
      this.#log.error({ err: error, folder }, 'a folder of certificates is not watched; it is read every minute');
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      watcher.on('error', report);
      this.#watchers.push(watcher);
    } catch (error) {
      report(error);
    }
  }

  #changed(): void {
    if (this.#settling !== undefined || this.#closed) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      if (this.#reading) this.#changed();
      else this.#read();
    }, settleMs).unref();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    try {
      const context = await readTls(this.#files);
      this.#complaint = '';
      if (context.content === this.#served || this.#closed) return;
      this.#renew(context.keys);
      this.#served = context.content;
      this.#warnIfExpired(context);
    } catch (error) {
      const complaint = error instanceof Error ? error.message : String(error);
      if (complaint === this.#complaint) return;
      this.#complaint = complaint;
      this.#log.error({ err: error }, 'the new certificate files are not used; the old certificate stays');
    } finally {
      this.#reading = false;
    }
  }

  #warnIfExpired({ expiresAt }: TlsContext): void {
    if (expiresAt > Date.now()) return;
    const since = new Date(expiresAt).toISOString();
    this.#log.error({ file: this.#files.cert, since }, 'the certificate has expired; clients will refuse it');
  }
}
