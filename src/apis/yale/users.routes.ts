import { Type } from 'typebox';
import { type YaleApi, yaleRoute } from './yale-route.ts';

/** Whom a program acts for. */
export function userRoutes(api: YaleApi): void {
  yaleRoute(api, {
    method: 'GET',
    url: '/users/me',
    access: 'caller',
    summary: 'Whom the token is of',
    purpose: 'The person for whom the program acts.',
    success: Type.Object({
      UserID: Type.String(),
      FirstName: Type.String(),
      LastName: Type.String(),
      Email: Type.Optional(Type.String()),
      imageInfo: Type.Object({}),
    }),
    errors: [],
    source: import.meta.url,
    handler: async ({ caller: { person, account } }) => ({
      UserID: person.uuid,
      FirstName: person.firstName,
      LastName: person.lastName,
      ...(account === null || account.email === null ? {} : { Email: account.email }),
      imageInfo: {},
    }),
  });
}
