// The real server: started, stopped and killed as a process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { until, within } from "./until.js";

/** How long the server may take to start or to stop, in milliseconds. */
const TURN_MS = 15_000;

export class Server {
  #process;
  #lines = [];
  #port = 0;

  /** `database` is the file it keeps, `app` the folder it serves. */
  constructor({ database, app }) {
    this.database = database;
    this.app = app;
  }

  /** Starts it; after the first time on the same port, so that browsers find it again. */
  async start() {
    const program = process.env.WIZITIME_SERVER;
    if (!program) throw new Error("WIZITIME_SERVER must name the server; run `cargo xtask test`");
    const listen = `127.0.0.1:${this.#port}`;
    const args = ["--listen", listen, "--database", this.database, "--app", this.app];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#follow(child.stderr);
    const stdout = createInterface({ input: child.stdout });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the server ended with ${code}:\n${this.log()}`);
    });
    // Only the start is interested in an early end.
    ended.catch(() => {});
    const address = once(stdout, "line").then(([line]) => {
      const said = /^WiziTime is at http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (!said) throw new Error(`the server did not say where it is, but: ${line}`);
      return Number(said[1]);
    });
    this.#port = await within("the server starts", Promise.race([address, ended]), TURN_MS);
  }

  /** Asks it to stop and waits until it has. */
  stop() {
    return this.#end("SIGTERM");
  }

  /** Ends it as a power cut would. */
  kill() {
    return this.#end("SIGKILL");
  }

  get port() {
    return this.#port;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A place in the log; lines after it are news. */
  mark() {
    return this.#lines.length;
  }

  /** Waits for a line of the log after `mark` that contains `text`. */
  async said(text, mark = 0) {
    const find = () => this.#lines.slice(mark).find((line) => line.includes(text));
    return until(`the server says "${text}"`, find, { seen: () => this.#lines.slice(-5) });
  }

  /** How many lines of the log after `mark` contain `text`. */
  count(text, mark = 0) {
    return this.#lines.slice(mark).filter((line) => line.includes(text)).length;
  }

  log() {
    return this.#lines.join("\n");
  }

  #follow(stream) {
    createInterface({ input: stream }).on("line", (line) => this.#lines.push(line));
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await within(`the server ends after ${signal}`, exit, TURN_MS);
  }
}
