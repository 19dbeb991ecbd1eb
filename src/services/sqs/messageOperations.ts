import type { SqsOperations } from '#aws/generated/sqs';
import { changeMessageVisibility } from './operations/changeMessageVisibility.ts';
import { changeMessageVisibilityBatch } from './operations/changeMessageVisibilityBatch.ts';
import { deleteMessage } from './operations/deleteMessage.ts';
import { deleteMessageBatch } from './operations/deleteMessageBatch.ts';
import { receiveMessage } from './operations/receiveMessage.ts';
import { sendMessage } from './operations/sendMessage.ts';
import { sendMessageBatch } from './operations/sendMessageBatch.ts';
import type { SqsMessageOperation } from './service.ts';

/** Those that run at the edge, too. */
export const messageOperations = {
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
} satisfies { readonly [Name in keyof SqsOperations]?: SqsMessageOperation<Name> };
