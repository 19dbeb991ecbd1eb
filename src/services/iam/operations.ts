import { absentOperations } from './operations/absent.ts';
import { accessKeyOperations } from './operations/accessKeys.ts';
import { accountOperations } from './operations/account.ts';
import { attachmentOperations } from './operations/attachments.ts';
import { groupOperations } from './operations/groups.ts';
import { inlinePolicyOperations } from './operations/inlinePolicies.ts';
import { managedPolicyOperations } from './operations/managedPolicies.ts';
import { roleOperations } from './operations/roles.ts';
import { simulationOperations } from './operations/simulations.ts';
import { taggingOperations } from './operations/tagging.ts';
import { userOperations } from './operations/users.ts';
import type { ServedName } from './served.ts';
import type { IamOperation } from './service.ts';

export const operations: { readonly [Name in ServedName]: IamOperation<Name> } = {
  ...userOperations,
  ...groupOperations,
  ...roleOperations,
  ...managedPolicyOperations,
  ...attachmentOperations,
  ...inlinePolicyOperations,
  ...taggingOperations,
  ...accessKeyOperations,
  ...accountOperations,
  ...simulationOperations,
  ...absentOperations,
};
