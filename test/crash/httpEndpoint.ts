/** Subscribers over HTTP that outlive the server, and do not always take what they are sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Prng } from '../../src/std/prng.ts';

/** `refusing`: it says that it never will. */
export type Temper = 'steady' | 'slow' | 'flaky' | 'refusing';

/** A notification as it arrived. */
export interface Arrival {
  readonly messageId: string;
  readonly isRaw: boolean;
  readonly body: string;
}

/** Below the second after which a delivery that is under way is stored as such, and would be slow to come again. */
const slownessMaxMs = 100;

export class HttpEndpoint {
  readonly #temper: Temper;
  readonly #random: Prng;
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #server: Server;
  #confirm: (token: string) => void = () => undefined;
  /** The token of its subscription. */
  readonly token: Promise<string>;
  /** Closes every connection without an answer. */
  isDown = false;
  /** Times that it did not take what it was sent. */
  failures = 0;

  constructor(temper: Temper, random: Prng, onArrival: (arrival: Arrival) => void) {
    this.#temper = temper;
    this.#random = random;
    this.#onArrival = onArrival;
    this.token = new Promise((resolve) => {
      this.#confirm = resolve;
    });
    this.#server = createServer((request, response) => this.#read(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    // Its sender may be killed in the middle.
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.#answer(request, Buffer.concat(chunks).toString(), response));
  }

  #answer({ headers }: IncomingMessage, body: string, response: ServerResponse): void {
    if (headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation') {
      this.#confirm((JSON.parse(body) as { Token: string }).Token);
      response.end();
      return;
    }
    const failure = this.#chooseFailure();
    if (failure !== undefined) {
      this.failures += 1;
      if (failure === 'hang-up') response.destroy();
      else response.writeHead(failure).end();
      return;
    }
    const isRaw = headers['x-amz-sns-rawdelivery'] === 'true';
    this.#onArrival({ messageId: String(headers['x-amz-sns-message-id']), isRaw, body });
    const status = this.#temper === 'refusing' ? 403 : 200;
    // real time: slow is what the other end is.
    if (this.#temper === 'slow') setTimeout(() => response.writeHead(status).end(), this.#random.below(slownessMaxMs));
    else response.writeHead(status).end();
  }

  #chooseFailure(): number | 'hang-up' | undefined {
    if (this.isDown) return 'hang-up';
    if (this.#temper !== 'flaky' || this.#random.chance(0.7)) return undefined;
    return this.#random.pick([500, 503, 429, 'hang-up' as const]);
  }
}
