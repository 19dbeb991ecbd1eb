/** Only plain bytes cross between processes: a message in two pieces goes in one. */
import { type Bytes, joined, SplitBytes } from '#std/splitBytes';

export function inOnePiece<Message extends { readonly payload: Bytes }>(
  messages: readonly Message[],
): readonly Message[] {
  const isPlain = messages.every(({ payload }) => !(payload instanceof SplitBytes));
  return isPlain ? messages : messages.map((each) => ({ ...each, payload: joined(each.payload) }));
}
