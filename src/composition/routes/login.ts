import { loginRoutes } from '../../apis/login/login.routes.ts';
import type { House } from '../house.ts';
import type { Web } from '../web.ts';

export function mountLogin({ server, csrf, common }: Web, { house }: { house: House }): void {
  const { logins, accounts, organizations } = house;
  loginRoutes(server, { ...common, logins, accounts, organizations, csrf });
}
