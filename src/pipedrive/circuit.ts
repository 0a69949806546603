import { type Call, type ErrorCode, PipedriveError } from './errors.ts';

/** So many failures in a row, whatever was asked, and Pipedrive counts as down. */
const FAILURES = 8;
/** How long nothing is sent then: twice as long each time that it is still down. */
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;
/** Pipedrive's gateway blocks a token that goes on after 429s, for a time that it doesn't tell. */
const BLOCKED_MS = 60_000;

/**
 * Stops sending while Pipedrive is down or has blocked the token, so that what waits fails at once instead of each call
 * trying for itself. After a while one call is let through to see; its answer decides for all.
 */
export class Circuit {
  #failures = 0;
  #code: ErrorCode = 'unavailable';
  #openUntil = 0;
  #pause = FIRST_MS;
  /** The call that is let through to see. */
  #probe: Call | undefined;

  /** Throws where nothing is to be sent now. */
  check(call: Call): void {
    if (this.#openUntil === 0) return;
    if (Date.now() < this.#openUntil || this.#probe) throw this.refusal(call);
    this.#probe = call;
  }

  refusal(call: Call): PipedriveError {
    const seconds = Math.max(1, Math.ceil((this.#openUntil - Date.now()) / 1000));
    const reason =
      this.#code === 'blocked'
        ? `An earlier answer said so, and this was not sent. The next try is in ${seconds} s`
        : `It failed ${this.#failures} times in a row, so this was not sent. The next try is in ${seconds} s`;
    return new PipedriveError({ code: this.#code, call, reason, retryAt: this.#openUntil });
  }

  answered(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#pause = FIRST_MS;
    this.#probe = undefined;
  }

  /** A try came to nothing. Says whether that opened the circuit. */
  failed({ code, status }: PipedriveError, call: Call): boolean {
    const wasProbing = this.#probe === call;
    if (wasProbing) this.#probe = undefined;
    const isBlocked = code === 'blocked';
    const isDown = ['unreachable', 'connection_lost'].includes(code) || [502, 503, 504].includes(status ?? 0);
    if (!isBlocked && !isDown) return false;
    this.#failures++;
    this.#code = code;
    if (!isBlocked && !wasProbing && this.#failures < FAILURES) return false;
    if (wasProbing) this.#pause = Math.min(2 * this.#pause, LONGEST_MS);
    this.#openUntil = Date.now() + (isBlocked ? BLOCKED_MS : this.#pause);
    return true;
  }

  /** A call that was let through to see ended without an answer, cancelled, say: the next one is let through. */
  left(call: Call): void {
    if (this.#probe === call) this.#probe = undefined;
  }
}
