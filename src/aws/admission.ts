/** What a request is refused for by its address and its head, before anything of its body is believed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientNetwork } from './connections.ts';
import type { AwsError } from './contract.ts';
import { HeldBodies, tooManyBodies } from './heldBodies.ts';
import type { EdgeLimits } from './limits.ts';
import type { RequestSocket } from './received.ts';
import { refusalOfHead } from './requestHead.ts';
import { type RequestRates, rateExceeded, ratePerSecond } from './requestRates.ts';

export class Admission {
  readonly bodies: HeldBodies;
  readonly #rates: RequestRates | undefined;
  readonly #limits: EdgeLimits;
  readonly #clock: () => number;

  /** `perAddress`: requests per second; unlimited if undefined. */
  constructor(perAddress: number | undefined, limits: EdgeLimits, clock: () => number) {
    this.bodies = new HeldBodies(limits);
    this.#rates = perAddress === undefined ? undefined : ratePerSecond(perAddress, limits.ratedClientsMax);
    this.#limits = limits;
    this.#clock = clock;
  }

  isTooFast({ remoteAddress }: RequestSocket): boolean {
    return this.#rates !== undefined && !this.#rates.take(clientNetwork(remoteAddress), this.#clock());
  }

  /** The cheapest checks come first; whoever is refused for his rate has cost next to nothing. */
  refusalOf(request: IncomingMessage, response: ServerResponse): AwsError | undefined {
    if (this.isTooFast(request.socket)) return rateExceeded();
    const refusal = refusalOfHead(request, this.#limits);
    if (refusal !== undefined) return refusal;
    return this.bodies.take(request, response) ? undefined : tooManyBodies();
  }
}
