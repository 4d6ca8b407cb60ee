import type { Random } from './random.ts';

/** Departments and the titles in them, from junior to senior. */
export const TITLES: Readonly<Record<string, readonly string[]>> = {
  Engineering: ['Junior Engineer', 'Engineer', 'Senior Engineer', 'Staff Engineer', 'Engineering Manager'],
  Product: ['Associate Product Manager', 'Product Manager', 'Senior Product Manager', 'Director of Product'],
  Design: ['Designer', 'Senior Designer', 'Design Lead'],
  Data: ['Data Analyst', 'Data Scientist', 'Senior Data Scientist', 'Data Engineer'],
  Sales: ['Sales Representative', 'Account Executive', 'Senior Account Executive', 'Sales Director'],
  Marketing: ['Marketing Associate', 'Marketing Manager', 'Head of Marketing'],
  Support: ['Support Agent', 'Senior Support Agent', 'Support Lead'],
  Finance: ['Accountant', 'Controller', 'Financial Analyst', 'CFO'],
  People: ['Recruiter', 'HR Business Partner', 'Head of People'],
  Legal: ['Paralegal', 'Counsel', 'General Counsel'],
  Operations: ['Office Manager', 'Operations Analyst', 'Operations Lead'],
  'R&D / Émerging Tech': ['Researcher', 'Principal Researcher'],
};

export const DEPARTMENTS: readonly string[] = Object.keys(TITLES);

/** Titles that belong to nobody's framework; a title inbox has to deal with them. */
export const ODD_TITLES: readonly string[] = [
  'Ninja of Growth',
  'VP, Special Projects',
  'engineer  iii',
  'Chief Happiness Officer ☀️',
  'Ingénieur·e logiciel',
  'Werkstudent (m/w/d)',
];

export const COUNTRIES: readonly string[] = ['DE', 'US', 'JP', 'BR', 'IN', 'PL', 'TR', 'IL', 'EG', 'VN'];

export interface Job {
  readonly department: string;
  readonly title: string;
}

/** Mostly a department and a title of it; some have an odd title, some have none of one or the other. */
export function makeJob(random: Random): Job {
  const department = random.pick(DEPARTMENTS);
  const dice = random.next();
  if (dice < 0.01) return { department: '', title: '' };
  if (dice < 0.02) return { department, title: '' };
  if (dice < 0.06) return { department, title: random.pick(ODD_TITLES) };
  return { department, title: random.pick(TITLES[department] ?? ODD_TITLES) };
}
