/**
 * Another user of the machine, for tests of what is forbidden: root may do everything, and what root may not do only
 * somebody else can show. Undefined unless root runs the tests, and in a checkout that others may enter.
 */
import { spawnSync } from 'node:child_process';

const nobody = { uid: 65534, gid: 65534 };
const look = ['-e', 'require("node:fs").accessSync(process.argv[1])', import.meta.filename];

const mayEnter = process.getuid?.() === 0 && spawnSync(process.execPath, look, nobody).status === 0;

export const stranger = mayEnter ? nobody : undefined;
