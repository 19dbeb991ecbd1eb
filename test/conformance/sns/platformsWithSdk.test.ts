/** What AWS's own client makes of the answers about platform applications, endpoints and SMS. */
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  CreatePlatformEndpointCommand,
  DeleteEndpointCommand,
  EndpointDisabledException,
  GetEndpointAttributesCommand,
  GetPlatformApplicationAttributesCommand,
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  InvalidParameterException,
  ListOriginationNumbersCommand,
  ListPhoneNumbersOptedOutCommand,
  NotFoundException,
  OptInPhoneNumberCommand,
  PublishCommand,
  paginateListEndpointsByPlatformApplication,
  paginateListPlatformApplications,
  ResourceNotFoundException,
  SetEndpointAttributesCommand,
  SetSMSAttributesCommand,
  VerifySMSSandboxPhoneNumberCommand,
} from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { sdk } from './fixtures.ts';
import { application, describePlatforms, endpointOf, unknownEndpoint } from './platforms.ts';

describePlatforms('Platform applications with the SDK', () => {
  it('are listed by its paginator [model: ListPlatformApplications]', async () => {
    const arn = await application();
    const arns: (string | undefined)[] = [];
    for await (const { PlatformApplications = [] } of paginateListPlatformApplications({ client: sdk() }, {})) {
      arns.push(...PlatformApplications.map(({ PlatformApplicationArn }) => PlatformApplicationArn));
    }
    expect(arns).toContain(arn);
  });

  it('show their attributes as a map [model: GetPlatformApplicationAttributes]', async () => {
    const PlatformApplicationArn = await application({ SuccessFeedbackSampleRate: '3' });
    const { Attributes } = await sdk().send(new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn }));
    expect(Attributes).toMatchObject({ Enabled: 'true', SuccessFeedbackSampleRate: '3' });
  });

  it('have endpoints that are made, changed, listed and deleted [model: CreatePlatformEndpoint]', async () => {
    const PlatformApplicationArn = await application();
    const input = { PlatformApplicationArn, Token: 'token', CustomUserData: 'data', Attributes: { Enabled: 'false' } };
    const { EndpointArn } = await sdk().send(new CreatePlatformEndpointCommand(input));
    await sdk().send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'true' } }));
    const { Attributes } = await sdk().send(new GetEndpointAttributesCommand({ EndpointArn }));
    expect(Attributes).toEqual({ Enabled: 'true', Token: 'token', CustomUserData: 'data' });
    const scope = { PlatformApplicationArn };
    for await (const { Endpoints } of paginateListEndpointsByPlatformApplication({ client: sdk() }, scope)) {
      expect(Endpoints).toEqual([{ EndpointArn, Attributes }]);
    }
    await sdk().send(new DeleteEndpointCommand({ EndpointArn }));
  });

  it('refuse with the exceptions of the model [model: errors]', async () => {
    const arn = await application();
    const off = await endpointOf(arn, { Attributes: { Enabled: 'false' } });
    const publish = new PublishCommand({ TargetArn: off, Message: 'hello' });
    await expect(sdk().send(publish)).rejects.toBeInstanceOf(EndpointDisabledException);
    const get = new GetEndpointAttributesCommand({ EndpointArn: unknownEndpoint(arn) });
    await expect(sdk().send(get)).rejects.toBeInstanceOf(NotFoundException);
    const create = new CreatePlatformEndpointCommand({ PlatformApplicationArn: arn, Token: '' });
    await expect(sdk().send(create)).rejects.toBeInstanceOf(InvalidParameterException);
  });
});

describe('SMS with the SDK', () => {
  it('have lists of numbers [model: ListPhoneNumbersOptedOut]', async () => {
    expect((await sdk().send(new ListPhoneNumbersOptedOutCommand({}))).phoneNumbers).toBeInstanceOf(Array);
    expect((await sdk().send(new ListOriginationNumbersCommand({}))).PhoneNumbers).toBeInstanceOf(Array);
  });

  it('have booleans [model: CheckIfPhoneNumberIsOptedOut]', async () => {
    const phoneNumber = '+447428545377';
    expect(await sdk().send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }))).toMatchObject({
      isOptedOut: false,
    });
    await sdk().send(new OptInPhoneNumberCommand({ phoneNumber }));
    expect(typeof (await sdk().send(new GetSMSSandboxAccountStatusCommand({}))).IsInSandbox).toBe('boolean');
  });
});

describeOurs('SMS with the SDK here', () => {
  it('have settings [model: SetSMSAttributes]', async () => {
    await sdk().send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: 'Transactional' } }));
    const asked = new GetSMSAttributesCommand({ attributes: ['DefaultSMSType'] });
    expect((await sdk().send(asked)).attributes).toEqual({ DefaultSMSType: 'Transactional' });
  });

  it('refuse a number that is not in the sandbox [model: ResourceNotFoundException]', async () => {
    const verify = new VerifySMSSandboxPhoneNumberCommand({ PhoneNumber: '+15550100900', OneTimePassword: '123456' });
    await expect(sdk().send(verify)).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
});
