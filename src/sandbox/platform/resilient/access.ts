export class AccessDenied extends Error {
  readonly statusCode: 401 | 403;

  constructor(statusCode: 401 | 403) {
    super(statusCode === 401 ? 'the header x-user is missing' : 'this workspace belongs to someone else');
    this.name = 'AccessDenied';
    this.statusCode = statusCode;
  }
}

/**
 * Who may see a workspace: its owner.
 * @param user as the header says; without one the request is let through unless `required`
 * @throws AccessDenied
 */
export function checkOwner(user: string | undefined, owner: string | undefined, required: boolean): void {
  if (user === undefined) {
    if (required) throw new AccessDenied(401);
    return;
  }
  if (owner !== undefined && user !== owner) throw new AccessDenied(403);
}
