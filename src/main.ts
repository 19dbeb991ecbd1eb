#!/usr/bin/env node
/** The `posthorn` program: hands the process, and the server once it is needed, to the command line. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { type CommandLine, runCommandLine } from './cli/commandLine.ts';
import { terminalIo } from './cli/terminalIo.ts';
import { keepCompiledCode } from './compileCache.ts';

keepCompiledCode();

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// A reader that has gone, as `head` does, is no reason to end a server, nor to print a stack.
process.stdout.on('error', () => undefined);

const line: CommandLine = {
  argv: process.argv.slice(2),
  env: process.env,
  readFile: (path) => readFile(path, 'utf8'),
  readVersion: () => {
    const description = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    return String(description.version);
  },
  loadServer: async () => {
    const { startPosthorn } = await import('./server.ts');
    const { setUpCollector } = await import('./collector.ts');
    return async (options) => {
      const server = await startPosthorn(options);
      setUpCollector();
      return server;
    };
  },
  loadCompactStore: async () => (await import('./server.ts')).compactStore,
  loadRotateMaster: async () => (await import('./server.ts')).rotateMaster,
  io: {
    platform: process.platform,
    print: (text) => process.stdout.write(`${text}\n`),
    printError: (text) => process.stderr.write(`${text}\n`),
    onStopSignal: (listener) => {
      for (const signal of stopSignals) process.on(signal, listener);
      return () => {
        for (const signal of stopSignals) process.off(signal, listener);
      };
    },
    exit: (code) => process.exit(code),
    now: () => performance.now(),
    ...terminalIo(process),
  },
};

process.exitCode = await runCommandLine(line);
