import { join } from 'node:path';
import { installedFolder, installRival, pinsOf, type RivalFolder } from './rivalFolders.ts';
import type { Server } from './server.ts';

const rival: RivalFolder = {
  name: 'elasticmq',
  pins: 'pom.xml',
  runtime: 'java',
  installer: (pins, target) => ({
    program: 'mvn',
    arguments: [
      ...['-q', '-B', '-f', pins, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${target}`],
    ],
  }),
};

/** Started by the main class of its jar; its settings are read from system properties, as its README offers. */
function elasticmq(
  variant: Pick<Server, 'name' | 'title' | 'durable'>,
  how: string,
  properties: (dataFolder: string) => readonly string[],
): Server {
  return {
    ...variant,
    get note() {
      const version = /<artifactId>elasticmq-server_[\d.]+<\/artifactId>\s*<version>([^<]+)</.exec(pinsOf(rival))?.[1];
      return `ElasticMQ ${version ?? 'of an unknown version'}, ${how}, on Java`;
    },
    keepsMessages: true,
    lacks: ['move tasks', 'encryption', 'topics'],
    readyPath: '/health',
    prepare: () => installRival(rival),
    command: (port, dataFolder) => ({
      program: 'java',
      arguments: [
        `-Drest-sqs.bind-port=${port}`,
        '-Drest-sqs.bind-hostname=127.0.0.1',
        '-Dgenerate-node-address=true',
        ...properties(dataFolder),
        '-cp',
        join(installedFolder(rival), '*'),
        'org.elasticmq.server.Main',
      ],
    }),
  };
}

export const elasticmqMemory = elasticmq(
  { name: 'elasticmq-memory', title: 'ElasticMQ, in memory', durable: false },
  'everything in memory, nothing survives',
  () => [],
);

export const elasticmqStored = elasticmq(
  { name: 'elasticmq-stored', title: 'ElasticMQ, H2', durable: true },
  "with its messages storage in H2, at H2's defaults: a commit is on disk up to half a second later, and is not synced",
  (dataFolder) => [
    '-Dmessages-storage.enabled=true',
    `-Dmessages-storage.uri=jdbc:h2:${join(dataFolder, 'messages')}`,
    '-Dqueues-storage.enabled=true',
    `-Dqueues-storage.path=${join(dataFolder, 'queues.conf')}`,
  ],
);
