// An authenticator app (RFC 6238).
import { createHmac } from "node:crypto";

const STEP_MS = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export class Authenticator {
  #key;
  #step = 0;

  /** `key` is what the user types or scans, in base 32. */
  constructor(key) {
    const letters = [...key.replaceAll(" ", "")];
    const bits = letters.map((it) => ALPHABET.indexOf(it).toString(2).padStart(5, "0")).join("");
    this.#key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  }

  /** A code that was not used yet: of the current time step, or of the next one. */
  code() {
    this.#step = Math.max(Math.floor(Date.now() / STEP_MS), this.#step + 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.#step));
    const hash = createHmac("sha1", this.#key).update(counter).digest();
    const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  }
}
