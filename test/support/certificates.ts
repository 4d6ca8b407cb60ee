import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface ServerCertificate {
  key: string;
  cert: string;
  /** What has signed it, in PEM: whoever trusts it trusts the server. */
  authority: string;
}

/** A certificate for a server on this machine, signed by an authority that lives for this test alone. */
export async function makeCertificate(host = 'localhost'): Promise<ServerCertificate> {
  const signer = await keys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=An authority of a test',
    ...lifetime(),
    signingAlgorithm: ALGORITHM,
    keys: signer,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const own = await keys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: `CN=${host}`,
    issuer: authority.subject,
    ...lifetime(),
    signingAlgorithm: ALGORITHM,
    publicKey: own.publicKey,
    signingKey: signer.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
  return {
    key: x509.PemConverter.encode(der, 'PRIVATE KEY'),
    cert: certificate.toString('pem'),
    authority: authority.toString('pem'),
  };
}

function keys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function lifetime(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
}
