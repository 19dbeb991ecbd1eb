import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteLoginProfileCommand,
  GetAccountPasswordPolicyCommand,
  GetInstanceProfileCommand,
  GetLoginProfileCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListMFADevicesCommand,
  ListSAMLProvidersCommand,
  ListServerCertificatesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListVirtualMFADevicesCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type IdentityServer,
  newAccount,
  noSuchEntity,
  refused,
  serviceTrust,
  startIdentityServer,
} from './identityServer.ts';

let server: IdentityServer;
beforeAll(async () => {
  server = await startIdentityServer();
});
afterAll(() => server.close());

it('tells tools that there are none of what can not be made [model: ListMFADevices and others]', async () => {
  const iam = server.iamClient(newAccount());
  await iam.send(new CreateUserCommand({ UserName: 'x' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: serviceTrust }));
  const UserName = 'x';
  expect(await iam.send(new ListMFADevicesCommand({ UserName }))).toMatchObject({ MFADevices: [], IsTruncated: false });
  expect((await iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys).toEqual([]);
  expect((await iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates).toEqual([]);
  const credentials = await iam.send(new ListServiceSpecificCredentialsCommand({ UserName }));
  expect(credentials.ServiceSpecificCredentials).toEqual([]);
  const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'x' }));
  expect(profiles).toMatchObject({ InstanceProfiles: [], IsTruncated: false });
  expect((await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles).toEqual([]);
  expect((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([]);
  expect((await iam.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList).toEqual([]);
  expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toEqual([]);
});

it('refuses to show them, and tells whether the user is there [aws: login profile errors]', async () => {
  const account = newAccount();
  const iam = server.iamClient(account);
  const nobody = noSuchEntity('The user with name nobody cannot be found.');
  await refused(iam.send(new ListMFADevicesCommand({ UserName: 'nobody' })), nobody);
  await refused(iam.send(new ListSSHPublicKeysCommand({ UserName: 'nobody' })), nobody);
  await refused(iam.send(new GetLoginProfileCommand({ UserName: 'nobody' })), nobody);
  await iam.send(new CreateUserCommand({ UserName: 'x' }));
  const noLogin = noSuchEntity('Login Profile for User x cannot be found.');
  await refused(iam.send(new GetLoginProfileCommand({ UserName: 'x' })), noLogin);
  await refused(iam.send(new DeleteLoginProfileCommand({ UserName: 'x' })), noLogin);
  await refused(
    iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'x' })),
    noSuchEntity('Instance Profile x cannot be found.'),
  );
  await refused(
    iam.send(new GetAccountPasswordPolicyCommand({})),
    noSuchEntity(`The Password Policy with domain name ${account} cannot be found.`),
  );
});
