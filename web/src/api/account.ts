/** For which account this tab acts; an id, no secret. Another tab may act for another. */
const NAME = "sluice.account";

export function actingFor(): string | null {
  return sessionStorage.getItem(NAME);
}

export function actFor(account: string | null): void {
  if (account) sessionStorage.setItem(NAME, account);
  else sessionStorage.removeItem(NAME);
}
