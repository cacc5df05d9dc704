// A program that listens on a port, and its output.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const ATTEMPTS_MAX = 100;
const PAUSE_MS = 100;

export class Process {
  /** Starts the program, and waits until `isReady` returns true. */
  static async start(program, args, { isReady, env = {}, cwd }) {
    const started = new Process();
    started.output = "";
    started.name = program;
    // Debian's folder of servers is not in the path of every user.
    const PATH = `${process.env.PATH}:/usr/sbin`;
    const options = { stdio: ["ignore", "pipe", "pipe"], cwd, env: { PATH, ...env } };
    started.child = spawn(program, args, options);
    for (const stream of [started.child.stdout, started.child.stderr]) {
      stream.on("data", (text) => (started.output += text));
    }
    started.closed = once(started.child, "close");
    started.closed.catch(() => {});
    const ended = started.closed.then(([code]) => {
      throw new Error(`${program} ended with ${code}:\n${started.output}`);
    });
    ended.catch(() => {});
    await Promise.race([started.#ready(isReady), ended]);
    return started;
  }

  async #ready(isReady) {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (await isReady(this)) return;
      await pause(PAUSE_MS);
    }
    throw new Error(`${this.name} does not listen:\n${this.output}`);
  }

  /** Stops the program. */
  async stop() {
    this.child.kill("SIGTERM");
    await this.closed;
  }
}

/** Whether a port accepts connections. */
export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** A port that no program uses. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
