import { refuse } from './document.ts';

const vendor = /^[A-Za-z0-9.-]+$/;

/** `*`, or the name of a service, a colon and a pattern. */
export function checkActionName(action: string): void {
  if (action === '*') return;
  const [service = '', ...rest] = action.split(':');
  if (rest.length === 0) refuse('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  if (rest.length > 1) refuse('Actions/Condition can contain only one colon.');
  if (service !== '*' && !vendor.test(service)) refuse(`Vendor ${service} is not valid`);
}
