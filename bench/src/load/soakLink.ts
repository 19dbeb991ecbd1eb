import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Connection } from './connection.ts';

const reconnectPauseMilliseconds = 20;
const reconnectLimitMilliseconds = 15_000;

/** A client's connection that is opened anew when it has died, as the pool of an SDK does it. */
export class SoakLink {
  readonly #port: number;
  readonly #died: (error: unknown) => void;
  #connection: Connection | undefined;

  /** `died` is told of every connection that was lost with a request under way. */
  constructor(port: number, died: (error: unknown) => void) {
    this.#port = port;
    this.#died = died;
  }

  /** The answer, or undefined if the connection died before it came: the request was carried out, or it was not. */
  async request(bytes: string): Promise<Answer | undefined> {
    this.#connection ??= await this.#open();
    try {
      return await this.#connection.request(bytes);
    } catch (error) {
      this.close();
      this.#died(error);
      return undefined;
    }
  }

  /** For requests that may be carried out twice without a difference: repeated until they are answered. */
  async insist(bytes: string): Promise<Answer> {
    for (;;) {
      const answer = await this.request(bytes);
      if (answer !== undefined) return answer;
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #open(): Promise<Connection> {
    const deadline = performance.now() + reconnectLimitMilliseconds;
    for (;;) {
      try {
        return await Connection.open(this.#port);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(reconnectPauseMilliseconds);
      }
    }
  }
}
