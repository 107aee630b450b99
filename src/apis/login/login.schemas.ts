import { Type } from 'typebox';

export const Ok = Type.Object({ ok: Type.Literal(true) });

const role = Type.Union([Type.Literal('admin'), Type.Literal('user')]);
const nullableText = Type.Union([Type.String(), Type.Null()]);

/** Open: the original's order of checks puts the CSRF token before the fields, and its text says what is missing. */
export const LoginBody = Type.Object(
  {
    username: Type.Optional(Type.Unknown({ description: 'A user name; its account’s e-mail does as well' })),
    email: Type.Optional(Type.Unknown({ description: 'In place of username: no cookie, no CSRF token' })),
    password: Type.Optional(Type.Unknown({ description: 'The password' })),
  },
  { additionalProperties: true },
);

export const LoginAnswer = Type.Object({
  ok: Type.Literal(true),
  username: Type.String(),
  role,
  token: Type.String({ description: 'For Authorization: Bearer' }),
  expiresAt: Type.String(),
  user: Type.Object({
    id: Type.String(),
    email: nullableText,
    name: nullableText,
    username: Type.String(),
    role: Type.Union([Type.Literal('ADMIN'), Type.Literal('OPERATOR')]),
  }),
});

export const Me = Type.Object({
  username: Type.String(),
  role,
  id: Type.String(),
  email: nullableText,
  name: nullableText,
  firstName: nullableText,
  lastName: nullableText,
  allLocations: Type.Boolean(),
  locationIds: Type.Array(Type.String(), { description: 'The scope, where it is not all locations' }),
  organization: Type.Object({ slug: Type.String(), name: Type.String() }),
});

export const PasswordBody = Type.Object({
  currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
  newPassword: Type.String({ minLength: 8, maxLength: 1024 }),
});
