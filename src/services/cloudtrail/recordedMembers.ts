/**
 * What of inputs and outputs goes on record. A text is left out unless its member is named here, so that a secret of an
 * operation that nobody has thought of stays one. Numbers, booleans, times and values of an enumeration hold no secrets,
 * and are kept always.
 */

export interface RecordedMembers {
  /** Texts, lists of texts and maps of texts. */
  readonly kept: ReadonlySet<string>;
  /** That they were given is on record, and not what. */
  readonly hidden: ReadonlySet<string>;
  /** Keys of attribute maps, and names of attributes, whose values are kept. */
  readonly attributes: ReadonlySet<string>;
  readonly hiddenAttributes: ReadonlySet<string>;
}

/** What CloudTrail puts in the place of a secret. */
export const hiddenText = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Members that hold attributes by their names; `AttributeName` and `AttributeValue` are a pair of the same kind. */
export const attributeMaps: ReadonlySet<string> = new Set(['Attributes', 'attributes']);

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

function members(parts: {
  readonly kept: string;
  readonly hidden?: string;
  readonly attributes?: string;
  readonly hiddenAttributes?: string;
}): RecordedMembers {
  const { kept, hidden = '', attributes = '', hiddenAttributes = '' } = parts;
  return {
    ...{ kept: words(kept), hidden: words(hidden) },
    ...{ attributes: words(attributes), hiddenAttributes: words(hiddenAttributes) },
  };
}

const recorded: Readonly<Record<string, RecordedMembers>> = {
  sqs: members({
    kept: `AWSAccountIds Actions Code DestinationArn Id Label MessageDeduplicationId MessageGroupId
      MessageId QueueName QueueNamePrefix QueueOwnerAWSAccountId QueueUrl SequenceNumber SourceArn TagKeys
      Tags TaskHandle tags`,
    hidden: 'Body MessageAttributes MessageBody MessageSystemAttributes ReceiptHandle',
    attributes: `ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit
      KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod Policy
      ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled VisibilityTimeout`,
  }),
  sns: members({
    kept: `AWSAccountId ActionName AttributeName Code DataProtectionPolicy EndpointArn Id Key Label MessageDeduplicationId
      MessageGroupId MessageId MessageStructure Name Platform PlatformApplicationArn Protocol ResourceArn SequenceNumber
      SubscriptionArn TagKeys TargetArn TopicArn Value`,
    hidden: `CustomUserData Endpoint Message MessageAttributes OneTimePassword PhoneNumber Subject Token phoneNumber`,
    attributes: `ApplePlatformBundleID ApplePlatformTeamID ApplicationFailureFeedbackRoleArn
      ApplicationSuccessFeedbackRoleArn ApplicationSuccessFeedbackSampleRate ArchivePolicy ContentBasedDeduplication
      DefaultSMSType DefaultSenderID DeliveryPolicy DeliveryStatusIAMRole DeliveryStatusSuccessSamplingRate DisplayName
      Enabled EventDeliveryFailure EventEndpointCreated EventEndpointDeleted EventEndpointUpdated FailureFeedbackRoleArn
      FifoThroughputScope FifoTopic FilterPolicy FilterPolicyScope FirehoseFailureFeedbackRoleArn
      FirehoseSuccessFeedbackRoleArn FirehoseSuccessFeedbackSampleRate HTTPFailureFeedbackRoleArn
      HTTPSuccessFeedbackRoleArn HTTPSuccessFeedbackSampleRate KmsMasterKeyId LambdaFailureFeedbackRoleArn
      LambdaSuccessFeedbackRoleArn LambdaSuccessFeedbackSampleRate MonthlySpendLimit Policy RawMessageDelivery
      RedrivePolicy ReplayPolicy SQSFailureFeedbackRoleArn SQSSuccessFeedbackRoleArn SQSSuccessFeedbackSampleRate
      SignatureVersion SubscriptionRoleArn SuccessFeedbackRoleArn SuccessFeedbackSampleRate TracingConfig
      UsageReportS3Bucket`,
    hiddenAttributes: 'CustomUserData PlatformCredential PlatformPrincipal Token',
  }),
  iam: members({
    kept: `AWSServiceName AccessKeyId AccountAlias ActionNames Arn AssumeRolePolicyDocument CallerArn ClientIDList
      DefaultVersionId Description EntityArn GroupId GroupName InstanceProfileId InstanceProfileName Key NewGroupName NewPath
      NewServerCertificateName NewUserName OpenIDConnectProviderArn Path PathPrefix PermissionsBoundary
      PermissionsBoundaryArn PolicyArn PolicyArns PolicyDocument PolicyId PolicyName PolicySourceArn ResourceArns RoleId RoleName
      SAMLProviderArn SSHPublicKeyId SerialNumber ServerCertificateId ServerCertificateName ServiceName ServiceNamespace
      ServiceSpecificCredentialId TagKeys Url UserId UserName Value VersionId VirtualMFADeviceName`,
    hidden: 'NewPassword OldPassword Password PrivateKey SecretAccessKey ServicePassword ServiceCredentialSecret',
  }),
  sts: members({
    kept: `AccessKeyId Arn AssumedRoleId Audience ExternalId FederatedUserId Key Name Policy PrincipalArn Provider ProviderArn
      ProviderId RoleArn RoleSessionName SerialNumber SourceIdentity SubjectFromWebIdentityToken TransitiveTagKeys Value arn`,
    hidden: 'SAMLAssertion SecretAccessKey SessionToken TokenCode WebIdentityToken',
  }),
  kms: members({
    kept: `AWSAccountId AliasName Arn CloudHsmClusterId CurrentKeyMaterialId CustomKeyStoreId CustomKeyStoreName
      Description DestinationEncryptionContext DestinationKeyId DestinationKeyMaterialId EncryptionContext EncryptionContextEquals
      EncryptionContextSubset GrantId GranteePrincipal GranteeServicePrincipal Id KeyId KeyMaterialId Name Policy PolicyName
      PrimaryRegion Region ReplicaRegion RetiringPrincipal RetiringServicePrincipal SourceArn SourceEncryptionContext
      SourceKeyId SourceKeyMaterialId TagKey TagKeys TagValue TargetKeyId XksKeyId`,
    hidden: 'KeyStorePassword XksProxyAuthenticationCredential',
  }),
  cloudtrail: members({ kept: 'AttributeKey AttributeValue EventCategory' }),
};

const nothing = members({ kept: '' });

export function recordedMembers(service: string): RecordedMembers {
  return recorded[service] ?? nothing;
}
