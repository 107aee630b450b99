/** What was asked of one device or cloud since it was started, whatever way the questions came. */
export type Heard = {
  all: number;
  switching: number;
  /** Still being worked on. */
  underWay: number;
  /** The last addresses that were asked for over HTTP. */
  paths: string[];
};

const REMEMBERED = 1000;

export const nothingHeard = (): Heard => ({ all: 0, switching: 0, underWay: 0, paths: [] });

export function hear(heard: Heard, path: string | null, switching: boolean): void {
  heard.all += 1;
  if (switching) heard.switching += 1;
  if (path !== null) heard.paths.push(path);
  if (heard.paths.length > REMEMBERED) heard.paths.shift();
}

/** Counts it as under way until it settles. */
export async function underWay(heard: Heard, work: Promise<void>): Promise<void> {
  heard.underWay += 1;
  try {
    await work;
  } finally {
    heard.underWay -= 1;
  }
}
