/** What the edge asks of signatures, answered where the keys and the policies are. */
import { AwsError, type EdgeAdmission, type EdgeLog, type SignedCall, type SignerQuestion } from '#aws';
import type { Channel } from './channel.ts';
import { type FrameReader, toEdge, toQueues } from './frames.ts';

export interface AdmissionCallsOptions {
  /** Absent where signatures are not enforced. */
  readonly admission?: EdgeAdmission | undefined;
  readonly log: EdgeLog;
}

export class AdmissionCalls {
  readonly #channel: Channel;
  readonly #options: AdmissionCallsOptions;

  constructor(channel: Channel, options: AdmissionCallsOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /** Whether the frame is such a question. */
  take(frame: FrameReader): boolean {
    const { admission } = this.#options;
    if (admission === undefined) return false;
    const { call } = frame;
    if (frame.kind === toQueues.signer) this.#answer(call, this.#tellSigner(admission, call, frame.text()));
    else if (frame.kind === toQueues.admit) this.#answer(call, this.#admit(admission, call, frame.text()));
    else return false;
    return true;
  }

  async #tellSigner(admission: EdgeAdmission, call: number, text: string): Promise<void> {
    const signer = await admission.signer(JSON.parse(text) as SignerQuestion);
    if (this.#channel.isClosed) return;
    this.#channel.send(toEdge.signer, call, (answer) => {
      if (signer !== undefined) answer.text(JSON.stringify(signer));
    });
  }

  async #admit(admission: EdgeAdmission, call: number, text: string): Promise<void> {
    const outcome = await admission.admit(JSON.parse(text) as SignedCall);
    if (!this.#channel.isClosed) this.#channel.send(outcome === 'admitted' ? toEdge.admitted : toEdge.stale, call);
  }

  /** Who is refused gets to know it in the words that his request is refused in, when it comes whole. */
  #answer(call: number, answered: Promise<void>): void {
    answered.catch((error: unknown) => {
      const text = 'a signature at the edge could not be judged';
      if (!(error instanceof AwsError)) this.#options.log.error({ err: error }, text);
      if (!this.#channel.isClosed) this.#channel.send(toEdge.notHere, call);
    });
  }
}
