/** Why an address cannot be an Okta organisation's: one sentence with the mend. */
export class OrgUrlFault extends Error {
  override readonly name = 'OrgUrlFault';
}

/**
 * The origin of an Okta organisation, from what an admin typed. The library checks nothing but emptiness, and would
 * send our credential anywhere.
 *
 * @param insecureLoopback Takes plain http to loopback addresses too.
 * @returns `https://acme.okta.com`: no path, no trailing slash.
 * @throws {OrgUrlFault}
 */
export function orgOrigin(raw: string, insecureLoopback: boolean): string {
  const text = raw.trim();
  if (/[{}<>]|yourOktaDomain|your-?domain/i.test(text)) {
    throw new OrgUrlFault('Put the address of your own Okta organisation in place of the example.');
  }
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null) throw new OrgUrlFault('This is not an address; it looks like https://acme.okta.com.');
  if (url.username !== '' || url.password !== '')
    throw new OrgUrlFault('The address must not hold a name or password.');
  if ((url.pathname !== '/' && url.pathname !== '') || url.search !== '' || url.hash !== '') {
    throw new OrgUrlFault(`Leave out what follows the host: https://${url.host}.`);
  }
  const loopback = isLoopback(url.hostname);
  if (url.protocol === 'http:' && loopback && insecureLoopback) return url.origin;
  if (url.protocol !== 'https:') throw new OrgUrlFault('The address must begin with https://.');
  if (loopback && insecureLoopback) return url.origin;
  checkHost(url);
  return url.origin;
}

function checkHost(url: URL): void {
  const { hostname } = url;
  if (url.port !== '') throw new OrgUrlFault('The address must not name a port.');
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) || /^[\d.]+$/.test(hostname)) {
    throw new OrgUrlFault('The host must be a name such as acme.okta.com.');
  }
  const admin = /^([a-z0-9-]+)-admin\.((?:okta|oktapreview|okta-emea|okta-gov)\.com|okta\.mil)$/.exec(hostname);
  if (admin !== null) {
    throw new OrgUrlFault(
      `This is the admin console; the organisation itself is https://${admin[1] ?? ''}.${admin[2] ?? ''}.`,
    );
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
