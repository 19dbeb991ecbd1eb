import { setTimeout as sleep } from 'node:timers/promises';
import { checkSent, checkStatus, receiptHandles } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { deleteRequest, messageBody, receiveRequest, sendRequest } from './requests.ts';
import type { MeasuredWindow } from './window.ts';

const longPollSeconds = 20;
/** Long enough for the server to have parked the receive, and uneven so as not to beat in time with its timers. */
const parkedMilliseconds = { least: 4, most: 12 };

/** One connection long polls, another sends: the time from the start of the send to the receiver's whole answer. */
export async function wakeUp(job: Job, window: MeasuredWindow, connections: readonly Connection[]): Promise<void> {
  const [receiver, sender] = connections;
  if (receiver === undefined || sender === undefined) throw new Error('a wake-up takes two connections');
  const receive = receiveRequest(job.port, job.queueUrl, longPollSeconds);
  const send = sendRequest(job.port, job.queueUrl, messageBody(job.bodyBytes));
  const md5 = bodyMd5(job.bodyBytes);
  while (!window.over) {
    const polling = receiver.request(receive).then((answer) => ({ answer, at: performance.now() }));
    // Should it fail while nobody looks yet, the failure is found below.
    polling.catch(() => {});
    const { least, most } = parkedMilliseconds;
    await sleep(least + Math.random() * (most - least));
    const counts = window.open;
    const started = performance.now();
    const sending = sender.request(send);
    const [woken, sent] = await Promise.all([polling, sending]);
    checkSent(sent, 1, md5);
    window.count('sent', 1);
    const handles = receiptHandles(woken.answer, md5);
    if (handles.length !== 1) throw new Error(`one message was sent, ${handles.length} arrived`);
    window.count('received', 1);
    if (counts) window.samples.push(woken.at - started);
    checkStatus(await sender.request(deleteRequest(job.port, job.queueUrl, handles[0] ?? '')));
    window.count('deleted', 1);
  }
}
