/** `posthorn cert`: certificates to try TLS with. Talks to no server. */
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { type Credentials, issueClient, issueServer, makeAuthority, type Validity } from './certificates.ts';
import type { CommandCall, CommandText } from './command.ts';
import { exitCodes } from './failure.ts';
import { nonEmpty } from './rules.ts';
import { list, SettingsError, text, wholeNumber } from './setting.ts';
import { describeFlags, readArguments, settingValue } from './sources.ts';

const flags = {
  out: text('<folder>', './posthorn-certs', nonEmpty, 'where they are written; made if it is not there'),
  days: wholeNumber('<count>', 800, { min: 1, max: 36_500 }, 'how long they are valid; some clients take 825 at most'),
  client: list('<name>', 'also a certificate for a client of this name; may be given several times'),
};

const usage = 'posthorn cert [host ...] [flags]';
/** What every server on a developer's machine is called. */
const localHosts = ['localhost', '127.0.0.1', '::1'];

export const cert: CommandText & { call(call: CommandCall): Promise<number> } = {
  name: 'cert',
  words: ['[host ...]'],
  summary: 'make an authority and certificates to try TLS with',
  flags,
  call: async ({ argv, io }) => {
    if (argv.includes('--help') || argv.includes('-h')) {
      io.print(help());
      return exitCodes.ok;
    }
    try {
      const { out, hosts, clients, days } = readInput(argv);
      const folder = resolve(out);
      const files = makeFiles(hosts, clients, { now: new Date(io.wallClock()), days });
      await writeAll(folder, files);
      io.print(instructions(folder, hosts, clients));
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      io.printError(error.message);
      return error.exitCode;
    }
  },
};

function readInput(argv: readonly string[]) {
  const known = Object.keys(flags).map((name) => ({ name, isSwitch: false }));
  const { flags: given, words } = readArguments(argv, known, 'posthorn cert');
  for (const word of words) if (!isHost(word)) throw new SettingsError(`"${word}" is no host name and no address.`);
  const clients = (given.get('client') ?? []).map((each) => each.text);
  const wrong = clients.find((name) => !/^[\w.@-]{1,64}$/.test(name) || /^\.+$/.test(name));
  if (wrong !== undefined) {
    throw new SettingsError(`--client is "${wrong}", but must be 1 to 64 letters, digits and characters of _.@-`);
  }
  return {
    out: settingValue(flags.out, given.get('out')?.at(-1)) as string,
    days: settingValue(flags.days, given.get('days')?.at(-1)) as number,
    // A name of one's own comes first: it becomes the subject.
    hosts: [...new Set([...words, ...localHosts])],
    clients: [...new Set(clients)],
  };
}

/** `*.example.com` is one, too. */
function isHost(word: string): boolean {
  return (
    isIP(word) !== 0 || /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(word)
  );
}

/** The content of each file by its name. */
function makeFiles(hosts: readonly string[], clients: readonly string[], validity: Validity): Map<string, string> {
  const name = `Posthorn development authority ${validity.now.toISOString().slice(0, 19)}`;
  const authority = makeAuthority(name, validity);
  const files = new Map<string, string>();
  const add = (stem: string, { certificate, privateKey }: Credentials) => {
    files.set(`${stem}.pem`, certificate);
    files.set(`${stem}-key.pem`, privateKey);
  };
  add('ca', authority);
  add('server', issueServer(authority, hosts, validity));
  for (const client of clients) add(`client-${client}`, issueClient(authority, client, validity));
  return files;
}

/** All or nothing, as far as names tell: a new authority beside old certificates would be a puzzle. */
async function writeAll(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const name of files.keys()) {
    const path = join(folder, name);
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isThere)
      throw new SettingsError(
        `${path} is there already, and is not overwritten. Remove it, or choose another folder with --out.`,
      );
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, content] of files) {
      const mode = name.endsWith('-key.pem') ? 0o600 : 0o644;
      await writeFile(join(folder, name), content, { flag: 'wx', mode });
    }
  } catch (error) {
    throw new SettingsError(`The certificates can't be written: ${error instanceof Error ? error.message : error}`);
  }
}

function instructions(folder: string, hosts: readonly string[], clients: readonly string[]): string {
  const path = (name: string) => join(folder, name);
  return [
    `Made an authority, and a certificate of it for ${hosts.join(', ')}.`,
    '',
    'Start the server with it:',
    `  posthorn start --tls-cert ${path('server.pem')} --tls-key ${path('server-key.pem')}`,
    '',
    'Clients have to trust the authority:',
    `  export NODE_EXTRA_CA_CERTS=${path('ca.pem')}   # programs of Node`,
    `  export AWS_CA_BUNDLE=${path('ca.pem')}   # the AWS CLI and boto3`,
    ...clients.flatMap((client) => [
      '',
      `The client ${client} shows ${path(`client-${client}.pem`)} with ${path(`client-${client}-key.pem`)};`,
      `the server asks for it with --tls-client-ca ${path('ca.pem')}`,
    ]),
    '',
    `For development only: whoever has ${path('ca-key.pem')} can pretend to be any server to those clients.`,
  ].join('\n');
}

function help(): string {
  return [
    `Usage: ${usage}`,
    `Makes an authority of your own, and a certificate of it for a server that is called ${localHosts.join(', ')} and by the host names and addresses given. Keys can be read by you alone; nothing is overwritten.`,
    describeFlags(flags),
  ].join('\n\n');
}
