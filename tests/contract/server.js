// The built server as a process.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";

const program = process.env.WIZI_SERVER;
if (!program) {
  throw new Error("WIZI_SERVER must be the path of the built server; see docs/TESTING.md");
}

export class Server {
  static async start(environment = {}) {
    const server = new Server();
    server.environment = environment;
    server.folder = await mkdtemp(join(tmpdir(), "wizitime-contract-"));
    server.port = 0;
    await server.run();
    return server;
  }

  /** Output and exit code of a server that does not start with these arguments. */
  static async refused(args) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const result = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (result.stdout += text));
    child.stderr.on("data", (text) => (result.stderr += text));
    [result.code] = await once(child, "close");
    return result;
  }

  async run() {
    const database = join(this.folder, "wizitime.db");
    const listen = `127.0.0.1:${this.port}`;
    this.process = spawn(program, ["--listen", listen, "--database", database], {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: this.folder,
      env: { ...process.env, ...this.environment },
    });
    this.exit = once(this.process, "exit");
    this.log = "";
    this.process.stderr.on("data", (text) => (this.log += text));
    this.logged = once(this.process.stderr, "end");
    const ended = this.exit.then(([code]) => {
      throw new Error(`the server ended with ${code}:\n${this.log}`);
    });
    ended.catch(() => {});
    const lines = createInterface({ input: this.process.stdout });
    const [line] = await Promise.race([once(lines, "line"), ended]);
    const match = /^WiziTime is at http:\/\/127\.0\.0\.1:(\d+)$/.exec(line);
    if (!match) {
      throw new Error(`unexpected first line: ${line}`);
    }
    this.port = Number(match[1]);
  }

  /** Stops the server; returns its exit code and signal. */
  async end(signal = "SIGTERM") {
    this.process.kill(signal);
    return await this.exit;
  }

  async remove() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.end("SIGKILL");
    }
    await rm(this.folder, { recursive: true });
  }

  get http() {
    return `http://127.0.0.1:${this.port}`;
  }

  get socket() {
    return `ws://127.0.0.1:${this.port}/socket`;
  }

  async post(path, body, token) {
    const headers = { "content-type": "application/json" };
    if (token) {
      headers.authorization = `Bearer ${token}`;
    }
    const options = { method: "POST", headers, body: JSON.stringify(body) };
    return await fetch(`${this.http}${path}`, options);
  }

  /** A new account: `{token, user_id, email, channel}`. */
  account() {
    return this.#enter("/api/sign_up", `${randomUUID()}@example.org`);
  }

  /** The same account with another token. */
  signIn({ email }) {
    return this.#enter("/api/sign_in", email);
  }

  async #enter(path, email) {
    const body = { email, password: "correct horse", device_id: randomUUID() };
    const answer = await this.post(path, body);
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
    return await answer.json();
  }
}
