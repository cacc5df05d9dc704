// The real server as a process.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { until, within } from "./until.js";

/** Time limit for starting and stopping the server. */
const START_MS_MAX = 15_000;

export class Server {
  #process;
  #lines = [];
  #port = 0;
  /** Further options of the next start. */
  options = [];

  /** `database` is the SQLite file, `app` the folder of the client. */
  constructor({ database, app }) {
    this.database = database;
    this.app = app;
  }

  /** Starts the server; a restart uses the same port. */
  async start() {
    const listen = `127.0.0.1:${this.#port}`;
    const args = ["--listen", listen, "--database", this.database, "--app", this.app];
    args.push(...this.options);
    const child = spawn(program(), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#follow(child.stderr);
    const stdout = createInterface({ input: child.stdout });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the server ended with ${code}:\n${this.log()}`);
    });
    // Handled by the race below.
    ended.catch(() => {});
    const address = once(stdout, "line").then(([line]) => {
      const match = /^WiziTime is at http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (!match) throw new Error(`unexpected first line: ${line}`);
      return Number(match[1]);
    });
    this.#port = await within("the server starts", Promise.race([address, ended]), START_MS_MAX);
  }

  /** Restarts the server with another rule for new accounts. */
  register(registration) {
    return this.configure(["--registration", registration]);
  }

  /** Restarts the server with these options. */
  async configure(options) {
    await this.stop();
    this.options = options;
    await this.start();
  }

  /** The path and token of the link that `wizitime-server user` prints for an email. */
  async link(command, email) {
    const args = ["user", command, email, "--database", this.database, "--listen"];
    const { stdout } = await promisify(execFile)(program(), [...args, "127.0.0.1:4000"]);
    return stdout.match(/http:\S+:4000(\S+)/)[1];
  }

  /** Stops it gracefully. */
  stop() {
    return this.#end("SIGTERM");
  }

  /** Kills it. */
  kill() {
    return this.#end("SIGKILL");
  }

  get port() {
    return this.#port;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A position in the log. */
  mark() {
    return this.#lines.length;
  }

  /** Waits for a line of the log after `mark` that contains `text`. */
  async logged(text, mark = 0) {
    const find = () => this.#lines.slice(mark).find((line) => line.includes(text));
    return until(`the server logs "${text}"`, find, { seen: () => this.#lines.slice(-5) });
  }

  /** Number of lines of the log after `mark` that contain `text`. */
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
    await within(`the server ends after ${signal}`, exit, START_MS_MAX);
  }
}

function program() {
  const program = process.env.WIZI_SERVER;
  if (!program) throw new Error("WIZI_SERVER must name the server; run `cargo xtask test`");
  return program;
}
