/**
 * The names that SQS's Query protocol uses on the wire. Today's model of SQS knows the JSON protocol only, and lost them;
 * they are facts of the API version 2012-11-05, still spoken by SDKs from before 2024 and by hand-written clients.
 * A flattened list or map is named by the member that holds it: `AttributeName.1`, `<Attribute><Name/><Value/></Attribute>`.
 */

/** By shape, then by member: the name of the parameter, and of the element in answers. */
export const memberNames = {
  AddPermissionRequest: { AWSAccountIds: 'AWSAccountId', Actions: 'ActionName' },
  ChangeMessageVisibilityBatchRequest: { Entries: 'ChangeMessageVisibilityBatchRequestEntry' },
  ChangeMessageVisibilityBatchResult: {
    Successful: 'ChangeMessageVisibilityBatchResultEntry',
    Failed: 'BatchResultErrorEntry',
  },
  CreateQueueRequest: { Attributes: 'Attribute', tags: 'Tag' },
  DeleteMessageBatchRequest: { Entries: 'DeleteMessageBatchRequestEntry' },
  DeleteMessageBatchResult: { Successful: 'DeleteMessageBatchResultEntry', Failed: 'BatchResultErrorEntry' },
  GetQueueAttributesRequest: { AttributeNames: 'AttributeName' },
  GetQueueAttributesResult: { Attributes: 'Attribute' },
  ListDeadLetterSourceQueuesResult: { queueUrls: 'QueueUrl' },
  ListMessageMoveTasksResult: { Results: 'ListMessageMoveTasksResultEntry' },
  ListQueueTagsResult: { Tags: 'Tag' },
  ListQueuesResult: { QueueUrls: 'QueueUrl' },
  Message: { Attributes: 'Attribute', MessageAttributes: 'MessageAttribute' },
  MessageAttributeValue: { StringListValues: 'StringListValue', BinaryListValues: 'BinaryListValue' },
  MessageSystemAttributeValue: { StringListValues: 'StringListValue', BinaryListValues: 'BinaryListValue' },
  ReceiveMessageRequest: {
    AttributeNames: 'AttributeName',
    MessageSystemAttributeNames: 'MessageSystemAttributeName',
    MessageAttributeNames: 'MessageAttributeName',
  },
  ReceiveMessageResult: { Messages: 'Message' },
  SendMessageBatchRequest: { Entries: 'SendMessageBatchRequestEntry' },
  SendMessageBatchRequestEntry: {
    MessageAttributes: 'MessageAttribute',
    MessageSystemAttributes: 'MessageSystemAttribute',
  },
  SendMessageBatchResult: { Successful: 'SendMessageBatchResultEntry', Failed: 'BatchResultErrorEntry' },
  SendMessageRequest: { MessageAttributes: 'MessageAttribute', MessageSystemAttributes: 'MessageSystemAttribute' },
  SetQueueAttributesRequest: { Attributes: 'Attribute' },
  TagQueueRequest: { Tags: 'Tag' },
  UntagQueueRequest: { TagKeys: 'TagKey' },
};

/** By map shape: what its entries call the key and the value. */
export const entryNames = {
  MessageBodyAttributeMap: ['Name', 'Value'],
  MessageBodySystemAttributeMap: ['Name', 'Value'],
  MessageSystemAttributeMap: ['Name', 'Value'],
  QueueAttributeMap: ['Name', 'Value'],
  TagMap: ['Key', 'Value'],
};
