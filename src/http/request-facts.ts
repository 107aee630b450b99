import type { FastifyRequest } from 'fastify';
import type { Actor } from '../rules/accounts/actor.ts';
import type { Caller, Program } from '../rules/accounts/caller.ts';

/** What hooks learn about a request before its handler runs. */
const actors = new WeakMap<FastifyRequest, Actor>();
const programs = new WeakMap<FastifyRequest, Program>();
const callers = new WeakMap<FastifyRequest, Caller>();
const rawBodies = new WeakMap<FastifyRequest, Buffer>();

export const setActor = (request: FastifyRequest, actor: Actor): void => void actors.set(request, actor);

/** Who is signed in; undefined where the route asked nobody. */
export const actorOf = (request: FastifyRequest): Actor | undefined => actors.get(request);

export const setProgram = (request: FastifyRequest, program: Program): void => void programs.set(request, program);

/** Which partner's program calls. */
export const programOf = (request: FastifyRequest): Program | undefined => programs.get(request);

export const setCaller = (request: FastifyRequest, caller: Caller): void => void callers.set(request, caller);

/** For whom it calls. */
export const callerOf = (request: FastifyRequest): Caller | undefined => callers.get(request);

export const setRawBody = (request: FastifyRequest, bytes: Buffer): void => void rawBodies.set(request, bytes);

export const rawBodyOf = (request: FastifyRequest): Buffer => rawBodies.get(request) ?? Buffer.alloc(0);
