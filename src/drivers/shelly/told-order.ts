/**
 * Whether what a device tells by itself is newer than what it told before, by its own clock. A broker or a device that
 * held something back must not turn the past into the present. A full status begins anew: the device may have restarted
 * with another time.
 */
export function createToldOrder() {
  const last = new Map<string, number>();
  return {
    isNew(src: string, deviceTime: number | null, full: boolean): boolean {
      if (deviceTime === null) return true;
      const before = last.get(src);
      if (!full && before !== undefined && deviceTime < before) return false;
      last.set(src, deviceTime);
      return true;
    },
    forget: (src: string): void => void last.delete(src),
  };
}
