import { findRole, findUser, subjectOf } from '../caller.ts';
import { noSuchEntity } from '../errors.ts';
import type { IamCall, IamTable } from '../service.ts';

/**
 * What can't be made here, so that nobody has any: instance profiles, passwords, MFA devices and other credentials. Tools
 * ask for them, above all before they delete a user or a role.
 */
export const absentOperations = {
  ListInstanceProfilesForRole: ({ RoleName }, { account }) => {
    findRole(RoleName, account);
    return { InstanceProfiles: [], IsTruncated: false };
  },
  ListInstanceProfiles: () => ({ InstanceProfiles: [], IsTruncated: false }),
  GetInstanceProfile: ({ InstanceProfileName }) => {
    throw noSuchEntity(`Instance Profile ${InstanceProfileName} cannot be found.`);
  },

  GetLoginProfile: ({ UserName }, call) => refuseLoginProfile(UserName, call),
  DeleteLoginProfile: ({ UserName }, call) => refuseLoginProfile(UserName, call),
  GetAccountPasswordPolicy: (_, { account }) => {
    throw noSuchEntity(`The Password Policy with domain name ${account.id} cannot be found.`);
  },

  ListMFADevices: ({ UserName }, call) => {
    if (UserName !== undefined) findUser(UserName, call.account);
    return { MFADevices: [], IsTruncated: false };
  },
  ListVirtualMFADevices: () => ({ VirtualMFADevices: [], IsTruncated: false }),
  ListSSHPublicKeys: ({ UserName }, { account }) => {
    if (UserName !== undefined) findUser(UserName, account);
    return { SSHPublicKeys: [], IsTruncated: false };
  },
  ListServiceSpecificCredentials: ({ UserName }, { account }) => {
    if (UserName !== undefined) findUser(UserName, account);
    return { ServiceSpecificCredentials: [] };
  },
  ListSigningCertificates: ({ UserName }, { account }) => {
    if (UserName !== undefined) findUser(UserName, account);
    return { Certificates: [], IsTruncated: false };
  },
  ListServerCertificates: () => ({ ServerCertificateMetadataList: [], IsTruncated: false }),
  ListSAMLProviders: () => ({ SAMLProviderList: [] }),
} satisfies IamTable;

function refuseLoginProfile(userName: string | undefined, call: IamCall): never {
  const subject = subjectOf(userName, call);
  throw noSuchEntity(`Login Profile for User ${subject.kind === 'user' ? subject.user.name : 'root'} cannot be found.`);
}
