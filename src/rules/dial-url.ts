/** What devices dial that open their own socket to us. The secret says whose they are. */
export const dialUrl = (publicUrl: string, secret: string): string =>
  `${publicUrl.replace(/^http/, 'ws')}/api/inbound/shelly/${secret}`;
