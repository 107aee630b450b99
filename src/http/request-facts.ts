import type { FastifyRequest } from 'fastify';
import type { Actor } from '../rules/accounts/actor.ts';

/** What hooks learn about a request before its handler runs. */
const actors = new WeakMap<FastifyRequest, Actor>();
const rawBodies = new WeakMap<FastifyRequest, Buffer>();

export const setActor = (request: FastifyRequest, actor: Actor): void => void actors.set(request, actor);

/** Who is signed in; undefined where the route asked nobody. */
export const actorOf = (request: FastifyRequest): Actor | undefined => actors.get(request);

export const setRawBody = (request: FastifyRequest, bytes: Buffer): void => void rawBodies.set(request, bytes);

export const rawBodyOf = (request: FastifyRequest): Buffer => rawBodies.get(request) ?? Buffer.alloc(0);
