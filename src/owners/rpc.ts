/**
 * Calls between two processes, both ways, over the channel that `fork` makes with `serialization: 'advanced'`. What goes over it
 * is plain: objects, maps, texts, numbers and byte arrays.
 *
 *     { id, method, args }                a call; without an id nobody waits for its answer
 *     { id, result } or { id, error }     its answer
 */
import { type ErrorInTransit, readError, writeError } from './errors.ts';

interface Call {
  readonly id?: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorInTransit };

export type RpcMessage = Call | Answer;

type Method = (...args: never[]) => unknown;

/** The names of methods, and not of what else an object may have. */
type NamesOf<Methods> = { [Name in keyof Methods]: Methods[Name] extends Method ? Name : never }[keyof Methods] &
  string;
type ArgsOf<Methods, Name extends keyof Methods> = Methods[Name] extends (...args: infer Args) => unknown
  ? Args
  : never;
type ResultOf<Methods, Name extends keyof Methods> = Methods[Name] extends (...args: never[]) => infer Result
  ? Awaited<Result>
  : never;

export interface RpcOptions {
  readonly send: (message: RpcMessage) => void;
  /** What the other process may call, by its name. */
  readonly methodOf: (name: string) => Method | undefined;
  /** What went wrong where nobody waits for an answer. */
  readonly report: (error: Error) => void;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

export class Rpc<Theirs> {
  readonly #options: RpcOptions;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #lost: Error | undefined;

  constructor(options: RpcOptions) {
    this.#options = options;
  }

  call<Name extends NamesOf<Theirs>>(method: Name, ...args: ArgsOf<Theirs, Name>): Promise<ResultOf<Theirs, Name>> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      // What can't be sent is thrown here, and nobody would answer it.
      this.#options.send({ id, method, args });
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Where nothing is answered. */
  tell<Name extends NamesOf<Theirs>>(method: Name, ...args: ArgsOf<Theirs, Name>): void {
    if (this.#lost === undefined) this.#options.send({ method, args });
  }

  take(message: RpcMessage): void {
    if ('method' in message) {
      this.#perform(message).catch(this.#options.report);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('error' in message) pending?.reject(readError(message.error));
    else pending?.resolve(message.result as never);
  }

  /** The other process is gone: nobody knows what became of the calls that are under way. */
  lose(reason: Error): void {
    this.#lost = reason;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) each.reject(reason);
  }

  async #perform({ id, method, args }: Call): Promise<void> {
    let result: unknown;
    try {
      const perform = this.#options.methodOf(method);
      if (perform === undefined) throw new Error(`There is no method ${method}.`);
      result = perform(...(args as never[]));
      if (result instanceof Promise) result = await result;
      if (id !== undefined && this.#lost === undefined) this.#options.send({ id, result });
    } catch (error) {
      if (id === undefined) throw error;
      if (this.#lost === undefined) this.#options.send({ id, error: writeError(error) });
    }
  }
}
