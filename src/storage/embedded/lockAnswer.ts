import { connect } from 'node:net';

/** What a claim to the data directory says about itself, as one line of JSON, to everyone who connects. */
export interface Claimant {
  readonly state: 'starting' | 'owner';
  readonly nonce: string;
  readonly pid: number | undefined;
  readonly host: string;
}

/** A process that accepts connections but does not answer is alive: stopped in a debugger, or just very busy. */
const answerMs = 2_000;
const silentOwner: Claimant = { state: 'owner', nonce: '', pid: undefined, host: '' };

/** Undefined if nobody listens there any more. */
export function ask(path: string): Promise<Claimant | undefined> {
  return new Promise((resolve) => {
    let text = '';
    let isConnected = false;
    const socket = connect({ path });
    const settle = (claimant: Claimant | undefined) => {
      socket.destroy();
      clearTimeout(timer);
      resolve(claimant);
    };
    const timer = setTimeout(() => settle(silentOwner), answerMs);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => settle(parse(text)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Once connected, an error means that the process went away just now.
      const isGone = isConnected || error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
      settle(isGone ? undefined : silentOwner);
    });
  });
}

function parse(text: string): Claimant | undefined {
  // A process that withdraws or dies while we are in its queue closes without a word.
  if (text === '') return undefined;
  try {
    const { state, nonce, pid, host } = JSON.parse(text) as Partial<Record<keyof Claimant, unknown>>;
    if (typeof pid !== 'number' || typeof nonce !== 'string') return silentOwner;
    return { state: state === 'starting' ? 'starting' : 'owner', nonce, pid, host: String(host) };
  } catch {
    return silentOwner;
  }
}
