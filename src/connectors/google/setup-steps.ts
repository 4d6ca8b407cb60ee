import type { InstallationSettings, SetUpStep } from '../kind.js';
import { KeyFileFault, readKeyFile, type GoogleCredentials } from './credentials.js';
import { OAUTH, PRIVILEGE, shortName } from './oauth-scopes.js';
import { googleInstallation } from './settings.js';

const LATER = 'known once the key file was given';

/** Without a key where the installation has a service account of its own, and by one of the customer's own everywhere. */
export function googleMethods(installation: InstallationSettings): string[] {
  return installationAccount(installation) === null ? ['key'] : ['installation', 'key'];
}

/** What to do in Google's two consoles, in order, with the exact values. */
export function googleSetUpSteps(context: {
  credentials: GoogleCredentials | null;
  installation: InstallationSettings;
  method?: string;
}): SetUpStep[] {
  const shared = installationAccount(context.installation);
  const method = context.credentials?.method ?? context.method;
  const useShared = method === undefined ? shared !== null : method === 'installation';
  const own = context.credentials?.method === 'key' ? context.credentials.key.clientId : LATER;
  const clientId = useShared ? (shared ?? 'the operator has not set a service account yet') : own;
  return [...(useShared ? [] : serviceAccountSteps()), delegation(clientId), subjectStep(), lastStep(useShared)];
}

function installationAccount(settings: InstallationSettings): string | null {
  const { serviceAccountClientId, serviceAccountKey } = googleInstallation(settings);
  if (serviceAccountClientId !== undefined) return serviceAccountClientId;
  if (serviceAccountKey === undefined) return null;
  try {
    return readKeyFile(serviceAccountKey).clientId;
  } catch (error) {
    // The operator is told when a connector is made; here there is just no number to show.
    if (!(error instanceof KeyFileFault)) throw error;
    return null;
  }
}

function serviceAccountSteps(): SetUpStep[] {
  return [
    {
      title: 'Enable the Admin SDK API',
      text: 'In the Google Cloud console choose a project of your organisation (or make one), open APIs & Services > Library, find the Admin SDK API and enable it.',
      values: { API: 'admin.googleapis.com' },
    },
    {
      title: 'Make a service account and its key',
      text:
        'Under IAM & Admin > Service Accounts make a service account; it needs no role in the project. Under Keys > Add key choose JSON and keep the file that is offered. ' +
        'If Google says that key creation is disabled, the organisation policy iam.disableServiceAccountKeyCreation forbids it, as it does by default in organisations made since May 2024: ' +
        'somebody with the role Organization Policy Administrator (being a super admin is not enough) can lift it for this project, ' +
        "or you use this installation's own service account, if it has one, and need no key at all.",
      values: {
        'Organisation policy': 'iam.disableServiceAccountKeyCreation',
        'Role that may lift it': 'roles/orgpolicy.policyAdmin',
      },
    },
  ];
}

function delegation(clientId: string): SetUpStep {
  const scopes = Object.values(OAUTH);
  return {
    title: 'Delegate the directory to the service account',
    text:
      'As a super admin open the Google Admin console: Security > Access and data control > API controls > Domain-wide delegation > Add new. ' +
      'Enter the client id and the scopes exactly as they stand here. With approval by several parties another super admin has to approve it. ' +
      `It can take up to a day until Google goes by it. All scopes are read-only; ${shortName(OAUTH.groups)} is needed for a scope of groups, ` +
      `${shortName(OAUTH.units)} for one of units, ${shortName(OAUTH.domains)} lets your domains count as verified without DNS, ` +
      `and ${shortName(OAUTH.schemas)} lets you choose custom attributes from a list instead of typing their names.`,
    values: { 'Client ID': clientId, 'OAuth scopes': scopes.join(',') },
  };
}

function subjectStep(): SetUpStep {
  return {
    title: 'Choose the admin on whose behalf the directory is read',
    text:
      'Delegation alone is not enough: the directory is read on behalf of an admin. Best make an account for this alone and give it, under Account > Admin roles, ' +
      'a custom role with these privileges and no others; its primary address is the subject. The sync stops when this account is suspended, renamed or loses the role.',
    values: {
      Privileges: [...new Set(Object.values(PRIVILEGE))].join(', '),
    },
  };
}

function lastStep(shared: boolean): SetUpStep {
  return shared
    ? {
        title: 'Enter the subject',
        text: "Enter the primary address of that admin. Its domain has to be verified here first, by DNS or by the operator, so that nobody can name another company's admin.",
        values: {},
      }
    : {
        title: 'Enter key and subject',
        text: 'Paste the JSON key file whole, and enter the primary address of that admin.',
        values: {},
      };
}
