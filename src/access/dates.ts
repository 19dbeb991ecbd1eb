const isoDate =
  /^(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:t(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?)?(?:z|([+-])(\d{2})(?::?(\d{2}))?)?)?$/i;
const epochSeconds = /^\d{1,19}$/;
/** The largest that AWS takes: signed, of 64 bits. */
const epochSecondsMax = 2n ** 63n - 1n;

/**
 * Milliseconds since 1970 of a date as policies write it: seconds since then, or ISO 8601 as far as AWS takes it, which is
 * generous about missing parts. Digits alone are seconds, not a year. Undefined of anything else.
 */
export function parseDate(text: string): number | undefined {
  if (epochSeconds.test(text)) return BigInt(text) <= epochSecondsMax ? Number(text) * 1000 : undefined;
  const match = isoDate.exec(text);
  if (match === null) return undefined;
  const numbers = match.map((part, index) => (index === 8 || part === undefined ? undefined : Number(part)));
  const [, year = 0, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0, , , offsetHours = 0, offsetMinutes = 0] =
    numbers;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? 1 : -1);
  // Date.UTC takes the years up to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hours, minutes + offset, seconds);
  const milliseconds = date.getTime() + Number(`0.${match[7] ?? '0'}`) * 1000;
  if (Number.isNaN(milliseconds)) return year < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return milliseconds;
}
