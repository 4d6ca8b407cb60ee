import { canonicalEmail } from '../common/email.js';
import { line } from '../common/fields.js';
import type { SignInPreset } from '../connectors/sign-in-preset.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { SignInFault } from './sign-in-fault.js';
import type { ProvenIdentity } from './sso.types.js';
import { type Claims, isVerified, optionalText, subjectOf } from './token-claims.js';

const Name = line(100);

/** Whether UserInfo has to be asked: it is slower, and wrong answers of it end a sign-in. */
export function lacksProfile(token: Claims): boolean {
  return ['email', 'given_name', 'family_name'].some((name) => token[name] === undefined);
}

/**
 * Puts together what was proven. The token comes first; an address and whether it is verified come from one and the same
 * document (O-29), and what tells tenants apart from the token alone (O-44, O-45).
 */
export function provenIdentity(
  provider: Pick<IdentityProvider, 'organisationId' | 'id' | 'issuer' | 'settings'>,
  preset: SignInPreset,
  token: Claims,
  userInfo: Claims | null,
  idToken: string,
): ProvenIdentity {
  const addressed = token['email'] === undefined && userInfo !== null ? userInfo : token;
  const email = optionalText(addressed, 'email');
  const asText = preset.emailVerifiedAsText || provider.settings.emailVerifiedAsText;
  const tenant = optionalText(token, 'tid');
  const wanted = preset.tenantOf(provider.issuer);
  if (preset.requires.includes('tenant') && (wanted === null || tenant !== wanted))
    throw new SignInFault('claims_tid', 'The token is of another tenant than the issuer.');
  const authTime = token['auth_time'];
  return {
    organisationId: provider.organisationId,
    providerId: provider.id,
    subject: subjectOf(token, preset.subject),
    sid: sessionOf(token),
    authTime: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
    acr: optionalText(token, 'acr'),
    amr: Array.isArray(token['amr']) ? (token['amr'] as string[]) : [],
    email: email === null ? null : canonicalEmail(email),
    emailVerified: email !== null && isVerified(addressed['email_verified'], asText),
    hostedDomain: optionalText(token, 'hd'),
    tenant,
    firstName: nameOf(token, userInfo, 'given_name'),
    lastName: nameOf(token, userInfo, 'family_name'),
    idToken,
    claims: userInfo === null ? token : { ...userInfo, ...token },
  };
}

/** The session at the provider. @throws {SignInFault} for what a database could not compare. */
export function sessionOf(token: Claims): string | null {
  const sid = optionalText(token, 'sid');
  if (sid !== null && (sid.length < 1 || sid.length > 255 || /[\p{Cc}\p{Cs}]/u.test(sid)))
    throw new SignInFault('claims_sid', 'The token names its session in no fit way.');
  return sid;
}

/** A name that cannot be shown is none. */
function nameOf(token: Claims, userInfo: Claims | null, name: string): string | null {
  const said = optionalText(token, name) ?? (userInfo === null ? null : optionalText(userInfo, name));
  return said === null ? null : (Name.safeParse(said).data ?? null);
}
