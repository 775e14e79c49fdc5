/** What a principal may do; each may do all that the one before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/** Who has shown no credentials. */
export const NOBODY: Principal = { name: 'nobody', role: 'viewer' };

export function mayAct(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
