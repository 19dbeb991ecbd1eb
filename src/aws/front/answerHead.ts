import { STATUS_CODES } from 'node:http';

/** To the second, as the header has it. */
let dateSecond = 0;
let dateText = '';

function date(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/** The status line and the headers of an answer, with those that Node's HTTP adds by itself. `headers`: names and values in turn. */
export function headOf(status: number, headers: readonly string[], isLast: boolean, keepAliveMs: number): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  const connection = isLast ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`;
  return `${head}Date: ${date()}\r\nConnection: ${connection}\r\n\r\n`;
}
