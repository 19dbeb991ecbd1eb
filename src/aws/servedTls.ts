/** The certificate that the listener serves, as it is now. */
import type { EdgeLog } from './listener.ts';
import { readTls, type TlsContext, type TlsKeys, type TlsOptions, type TlsSettings } from './tls.ts';
import { TlsReload } from './tlsReload.ts';

export class ServedTls {
  #settings: TlsSettings;
  readonly #reload: TlsReload;
  readonly #onRenewed: ((keys: TlsKeys) => void)[] = [];

  /** Follows the files from now on. Rejects with `TlsUnusable`. */
  static async open(files: TlsOptions, log: EdgeLog): Promise<ServedTls> {
    return new ServedTls(files, await readTls(files), log);
  }

  private constructor(files: TlsOptions, context: TlsContext, log: EdgeLog) {
    const { clientCa, clientCertificates = 'required' } = files;
    this.#settings = {
      keys: context.keys,
      clientCertificates: clientCa === undefined ? 'unasked' : clientCertificates,
    };
    this.#reload = new TlsReload((keys) => this.#renew(keys), files, context, log);
  }

  get settings(): TlsSettings {
    return this.#settings;
  }

  onRenewed(listener: (keys: TlsKeys) => void): void {
    this.#onRenewed.push(listener);
  }

  close(): void {
    this.#reload.close();
  }

  #renew(keys: TlsKeys): void {
    this.#settings = { ...this.#settings, keys };
    for (const listener of this.#onRenewed) listener(keys);
  }
}
