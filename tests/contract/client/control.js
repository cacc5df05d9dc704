// The running server behind a proxy that injects network faults.
import { Proxy } from "../../e2e/harness/proxy.js";
import { Server } from "../server.js";

/** Commands available to a feature, also from within a page. */
export const COMMANDS = [
  "account", "signOut", "stop", "run", "cut", "heal", "reset", "stall", "withhold",
];

export class Control {
  static async start(environment) {
    const control = new Control();
    control.server = await Server.start(environment);
    control.proxy = new Proxy(() => control.server.port);
    await control.proxy.start();
    return control;
  }

  get http() {
    return this.proxy.url;
  }

  get socket() {
    return `${this.proxy.url.replace("http", "ws")}/socket`;
  }

  account() {
    return this.server.account();
  }

  async signOut({ token }) {
    const { status } = await this.server.post("/api/sign_out", {}, token);
    if (status !== 204) throw new Error(`sign-out failed: ${status}`);
  }

  async stop() {
    const [code, signal] = await this.server.end();
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}`);
  }

  run() {
    return this.server.run();
  }

  /** Ends all connections and refuses new ones. */
  async cut() {
    this.proxy.cut();
  }

  /** Resumes, and delivers withheld bytes. */
  async heal() {
    this.proxy.heal();
  }

  /** Ends all connections; new ones work. */
  async reset() {
    this.proxy.reset();
  }

  /** Forwards nothing. */
  async stall() {
    this.proxy.stall();
  }

  /** Withholds bytes of the server. */
  async withhold() {
    this.proxy.withhold();
  }

  async end() {
    await this.proxy.stop();
    await this.server.remove();
  }
}
