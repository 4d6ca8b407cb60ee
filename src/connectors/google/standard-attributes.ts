import type { DirectoryAttribute } from '../connector.js';

type Type = DirectoryAttribute['type'];

/**
 * What every customer of Google has, as the Admin console calls it. Of lists by type (ids, relations, addresses, phones)
 * only the usual types are here: any type may be named.
 */
const STANDARD: readonly (readonly [path: string, label: string, type?: Type])[] = [
  ['primaryEmail', 'Primary email'],
  ['name.givenName', 'First name'],
  ['name.familyName', 'Last name'],
  ['name.fullName', 'Full name'],
  ['name.displayName', 'Display name'],
  ['organizations.title', 'Job title'],
  ['organizations.department', 'Department'],
  ['organizations.costCenter', 'Cost center'],
  ['organizations.description', 'Type of employee'],
  ['organizations.name', 'Organization'],
  ['organizations.location', 'Location of the organization'],
  ['organizations.domain', 'Domain of the organization'],
  ['organizations.symbol', 'Symbol of the organization'],
  ['organizations.fullTimeEquivalent', 'Full-time equivalent (100000 is full time)', 'number'],
  ['organizations.type', 'Type of organization'],
  ['externalIds.organization', 'Employee ID'],
  ['externalIds.account', 'Account ID'],
  ['externalIds.customer', 'Customer ID'],
  ['externalIds.login_id', 'Login ID'],
  ['externalIds.network', 'Network ID'],
  ['relations.manager', 'Manager’s email'],
  ['relations.dotted_line_manager', 'Dotted-line manager'],
  ['relations.assistant', 'Assistant'],
  ['relations.admin_assistant', 'Administrative assistant'],
  ['relations.exec_assistant', 'Executive assistant'],
  ['relations.referred_by', 'Referred by'],
  ['emails.work', 'Work email'],
  ['emails.home', 'Home email'],
  ['emails.other', 'Other email'],
  ['phones.work', 'Work phone'],
  ['phones.mobile', 'Mobile phone'],
  ['phones.work_mobile', 'Work mobile phone'],
  ['phones.home', 'Home phone'],
  ['locations.buildingId', 'Building ID'],
  ['locations.floorName', 'Floor name'],
  ['locations.floorSection', 'Floor section'],
  ['locations.deskCode', 'Desk'],
  ['locations.area', 'Area'],
  ['locations.type', 'Type of location'],
  ['orgUnitPath', 'Organizational unit'],
  ['creationTime', 'Created', 'date'],
  ['suspensionReason', 'Reason of suspension'],
  ['includeInGlobalAddressList', 'In the directory', 'boolean'],
  ['isMailboxSetup', 'Has a mailbox', 'boolean'],
  ['isEnrolledIn2Sv', '2-step verification enrolled', 'boolean'],
  ['isEnforcedIn2Sv', '2-step verification enforced', 'boolean'],
];

const LISTS: readonly (readonly [path: string, label: string])[] = [
  ['aliases', 'Email aliases'],
  ['nonEditableAliases', 'Aliases of alias domains'],
];

export const standardAttributes: readonly DirectoryAttribute[] = [
  ...STANDARD.map(([path, label, type = 'text']) => ({ path, label, type, multiple: false, custom: false })),
  ...LISTS.map(([path, label]) => ({ path, label, type: 'text' as const, multiple: true, custom: false })),
];
