import { describe, expect, it } from 'vitest';
import { readConfigFile } from './configFile.ts';
import { matching } from './setting.ts';

const shape = {
  keys: ['port', 'dataDir', 'accountId'],
  rules: { accountId: matching(/^\d{12}$/, '12 digits'), region: matching(/^[a-z0-9-]+$/, 'a region') },
};
const given = { text: 'x.yaml', label: '--config', source: 3 };

function read(content: string) {
  return readConfigFile(given, async () => content, shape);
}

describe('settings', () => {
  it('keep the text as it is written', async () => {
    const { settings } = await read('# a comment\nport: 4566\naccount-id: 000000000012\ndata-dir: "/a b"\n');
    expect([...settings].map(([name, { text }]) => [name, text])).toEqual([
      ['port', '4566'],
      ['accountId', '000000000012'],
      ['dataDir', '/a b'],
    ]);
    expect(settings.get('port')?.label).toBe('x.yaml, line 2: port');
  });

  it.each(['', '# nothing\n', 'queues:\n', 'queues: []\n'])('may be absent: %j', async (content) => {
    expect(await read(content)).toEqual({ settings: new Map(), queues: [] });
  });

  it.each([
    ['port: 1\nprot: 2', 'x.yaml, line 2: prot is not a setting. Did you mean port?'],
    ['dataDir: x', 'x.yaml, line 1: dataDir is not a setting. Did you mean data-dir?'],
    ['config: y.yaml', 'x.yaml, line 1: config is not a setting. Known are port, data-dir, account-id, queues.'],
    ['port: [1]', 'x.yaml, line 1: port must be a single value.'],
    ['- port', 'x.yaml must be a list of settings such as "port: 4566".'],
    ['port: 1\nport: 2', 'x.yaml, line 2: Map keys must be unique.'],
    ['port: [1\n', /^x\.yaml, line \d: Flow sequence /],
  ])('%j is refused', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('says which file does not exist', async () => {
    const missing = async () => {
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    };
    await expect(readConfigFile(given, missing, shape)).rejects.toThrow('--config names x.yaml, which does not exist.');
  });
});

describe('queues', () => {
  it('are read with everything they may have', async () => {
    const { queues } = await read(`
queues:
  - name: orders.fifo
    account-id: 000000000001
    region: eu-west-1
    attributes:
      FifoQueue: true
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: arn, maxReceiveCount: 3 }
    tags: { team: billing }
  - name: plain
`);
    expect(queues).toEqual([
      {
        name: 'orders.fifo',
        accountId: '000000000001',
        region: 'eu-west-1',
        attributes: {
          FifoQueue: 'true',
          VisibilityTimeout: '60',
          RedrivePolicy: '{"deadLetterTargetArn":"arn","maxReceiveCount":"3"}',
        },
        tags: { team: 'billing' },
      },
      { name: 'plain' },
    ]);
  });

  it('may share a block by an anchor', async () => {
    const { queues } = await read('queues:\n- name: a\n  tags: &t { k: v }\n- name: b\n  tags: *t\n');
    expect(queues[1]).toEqual({ name: 'b', tags: { k: 'v' } });
  });

  it.each([
    ['queues: orders', 'x.yaml, line 1: queues must be a list whose entries begin with "- name:".'],
    ['queues:\n- orders', 'x.yaml, line 2: a queue must begin with "- name:".'],
    ['queues:\n- tags: {}', 'x.yaml, line 2: this queue has no name.'],
    ['queues:\n- name: a\n- name: a', 'x.yaml, line 3: the queue a is in the list twice.'],
    ['queues:\n- name: a\n  tag: {}', 'x.yaml, line 3: tag is not known of a queue. Did you mean tags?'],
    ['queues:\n- name: a\n  account-id: 12', 'x.yaml, line 3: account-id is "12", but must be 12 digits.'],
    ['queues:\n- name: a\n  attributes: [x]', 'x.yaml, line 3: attributes must be a map of names and values.'],
    ['queues:\n- name: a\n  tags: { k: [1] }', 'x.yaml, line 3: tags: k must be a single value.'],
  ])('%j is refused', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });
});
