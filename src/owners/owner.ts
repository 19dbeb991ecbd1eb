/** A process that owns a partition, as home sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { OwnerLost } from '#edge/ownerLost';
import type { CommitFailed, Letter, NewMessage, NewQueue, QueuePath } from '#runtime';
import { heapFlags } from '#std/heapFlags';
import type { Commit, HomeCalls, OwnerCalls, OwnerSettings } from './calls.ts';
import { readError } from './errors.ts';
import { inOnePiece } from './plainBytes.ts';
import type { QueueName, QueueOwner, ReceiveAnswer, ReceiveRequest } from './queueOwner.ts';
import { Rpc, type RpcMessage } from './rpc.ts';

export interface OwnerOptions {
  /** The program that the process runs. */
  readonly program: string;
  readonly settings: OwnerSettings;
  readonly home: Pick<HomeCalls, 'find' | 'keysMoved' | 'ship'>;
  readonly onCommit: (commit: Commit) => void;
  readonly onCommitFailed: (error: Error) => void;
  /** The process has ended, asked to or not. */
  readonly onEnded: (reason: string) => void;
  readonly log: { error(details: object, text: string): void };
}

/**
 * Calls on a queue name the one that is meant by its id: they reject with `QueueGone` if it is not there any more. Those that
 * are under way when the process ends reject with `OwnerLost`, as do all after that.
 */
export class Owner implements QueueOwner {
  readonly partition: number;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #rpc: Rpc<OwnerCalls>;
  readonly #options: OwnerOptions;
  #problem: CommitFailed | undefined;
  #lastWaiterId = 0;

  constructor(options: OwnerOptions) {
    this.#options = options;
    this.partition = options.settings.number;
    this.#child = fork(options.program, [], {
      ...{ stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [...heapFlags], serialization: 'advanced' },
    });
    const calls = this.#homeCalls();
    this.#rpc = new Rpc({
      send: (message) => this.#child.send(message, () => undefined),
      methodOf: (name) => calls[name as keyof HomeCalls],
      report: (error) => this.#failed(error, 'a call of an owner of queues failed'),
    });
    this.#child.on('message', (message) => this.#rpc.take(message as RpcMessage));
    this.ended = this.#end();
  }

  /** Rejects with `StoreUnusable`. */
  open(): Promise<void> {
    return this.#rpc.call('open', this.#options.settings);
  }

  begin(): void {
    this.#rpc.tell('begin');
  }

  /** Why the partition's store does not take everything. */
  get problem(): CommitFailed | undefined {
    return this.#problem;
  }

  find(path: QueuePath) {
    return this.#rpc.call('find', path);
  }

  findForSure(path: QueuePath) {
    return this.#rpc.call('findForSure', path);
  }

  createQueue(queue: NewQueue) {
    return this.#rpc.call('createQueue', queue);
  }

  listQueues(...args: Parameters<QueueOwner['listQueues']>) {
    return this.#rpc.call('listQueues', ...args);
  }

  listDeadLetterSources(...args: Parameters<QueueOwner['listDeadLetterSources']>) {
    return this.#rpc.call('listDeadLetterSources', ...args);
  }

  send(queue: QueueName, messages: readonly NewMessage[]) {
    return this.#rpc.call('send', queue, inOnePiece(messages));
  }

  receive(queue: QueueName, request: ReceiveRequest): { waiterId: number; answer: Promise<ReceiveAnswer> } {
    this.#lastWaiterId += 1;
    const waiterId = this.#lastWaiterId;
    return { waiterId, answer: this.#rpc.call('receive', waiterId, queue, request) };
  }

  cancelReceive(waiterId: number): void {
    this.#rpc.tell('cancelReceive', waiterId);
  }

  release(...args: Parameters<QueueOwner['release']>): void {
    this.#rpc.tell('release', ...args);
  }

  delete(...args: Parameters<QueueOwner['delete']>) {
    return this.#rpc.call('delete', ...args);
  }

  changeVisibility(...args: Parameters<QueueOwner['changeVisibility']>) {
    return this.#rpc.call('changeVisibility', ...args);
  }

  peek(...args: Parameters<QueueOwner['peek']>) {
    return this.#rpc.call('peek', ...args);
  }

  depth(queue: QueueName) {
    return this.#rpc.call('depth', queue);
  }

  purge(queue: QueueName) {
    return this.#rpc.call('purge', queue);
  }

  update(...args: Parameters<QueueOwner['update']>) {
    return this.#rpc.call('update', ...args);
  }

  deleteQueue(queue: QueueName) {
    return this.#rpc.call('deleteQueue', queue);
  }

  startMove(...args: Parameters<QueueOwner['startMove']>) {
    return this.#rpc.call('startMove', ...args);
  }

  listMoves(...args: Parameters<QueueOwner['listMoves']>) {
    return this.#rpc.call('listMoves', ...args);
  }

  cancelMove(...args: Parameters<QueueOwner['cancelMove']>) {
    return this.#rpc.call('cancelMove', ...args);
  }

  counts() {
    return this.#rpc.call('counts');
  }

  takeLetters(from: number, letters: readonly Letter[]) {
    return this.#rpc.call('takeLetters', from, letters);
  }

  /** Resolves when no call of the edge is answered otherwise any more. */
  mustForward(isAsked: boolean): Promise<void> {
    return this.#rpc.call('mustForward', isAsked);
  }

  answerWaiting(): void {
    this.#rpc.tell('answerWaiting');
  }

  /** Resolves when all is stored and the process has ended. */
  async close(): Promise<void> {
    try {
      await this.#rpc.call('close');
    } finally {
      if (this.#child.connected) this.#child.disconnect();
      await this.ended;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #homeCalls(): HomeCalls {
    return {
      ...this.#options.home,
      problem: (error) => {
        this.#problem = error && (readError(error) as CommitFailed);
      },
      committed: (all) => {
        for (const commit of all) this.#options.onCommit(commit);
      },
      commitFailed: (error) => this.#options.onCommitFailed(readError(error)),
      failed: (error, text) => this.#failed(readError(error), text),
    };
  }

  #failed(error: Error, text: string): void {
    this.#options.log.error({ err: error, partition: this.partition }, text);
  }

  #end(): Promise<void> {
    return new Promise((resolve) => {
      const ended = (reason: string) => {
        this.#rpc.lose(new OwnerLost());
        this.#options.onEnded(reason);
        resolve();
      };
      // Not `close`, which does not come when this side lets go of the channel.
      this.#child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
      this.#child.on('error', (error) => {
        // It could not be started, so it can't exit.
        if (this.#child.pid === undefined) ended(error.message);
      });
    });
  }
}
