/**
 * How far a connection to a mail server has come, for whoever watches a check: a server that is slow or stuck shows where. Only told, never waited for.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** In the order in which they follow each other; a check without TLS leaves out `securing`, one of a sender or over POP3 `listing`. */
export const CHECK_STEPS = ['finding', 'connecting', 'securing', 'signing-in', 'listing'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];
export type OnStep = (step: CheckStep) => void;

/** Tells of a socket that was just opened: once it is connected, and once it is secured. Of one that is upgraded, call it for both. */
export function tellSteps(socket: Socket, security: 'tls' | 'starttls' | 'none', onStep: OnStep): void {
  if (socket instanceof TLSSocket) {
    socket.once('connect', () => onStep('securing'));
    socket.once('secureConnect', () => onStep('signing-in'));
  } else socket.once('connect', () => onStep(security === 'none' ? 'signing-in' : 'securing'));
}
