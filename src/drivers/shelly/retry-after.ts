/** Seconds of a Retry-After header, kept within an hour; undefined where it has none that is a number. */
export function retryAfterOf(headers: Record<string, string>): number | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Math.min(3600, Number(text)) : undefined;
}
