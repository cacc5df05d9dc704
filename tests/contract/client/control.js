// The running server behind a wire that can be cut; what a client is tried against.
import { Proxy } from "../../e2e/harness/proxy.js";
import { Server } from "../server.js";

/** What a feature may ask for, also from within a page. */
export const COMMANDS = [
  "account", "signOut", "stop", "run", "cut", "mend", "lose", "stall", "withhold",
];

export class Control {
  static async start(environment) {
    const control = new Control();
    control.server = await Server.start(environment);
    control.wire = new Proxy(() => control.server.port);
    await control.wire.start();
    return control;
  }

  get http() {
    return this.wire.url;
  }

  get socket() {
    return `${this.wire.url.replace("http", "ws")}/socket`;
  }

  account() {
    return this.server.account();
  }

  async signOut({ token }) {
    const { status } = await this.server.post("/api/sign_out", {}, token);
    if (status !== 204) throw new Error(`signing out was answered with ${status}`);
  }

  async stop() {
    const [code, signal] = await this.server.end();
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}`);
  }

  run() {
    return this.server.run();
  }

  /** Ends every connection, and every new one at once. */
  async cut() {
    this.wire.cut();
  }

  /** Works again, and delivers what was held back. */
  async mend() {
    this.wire.mend();
  }

  /** Ends every connection; new ones work. */
  async lose() {
    this.wire.lose();
  }

  /** Moves no byte. */
  async stall() {
    this.wire.stall();
  }

  /** Holds back what the server says. */
  async withhold() {
    this.wire.withhold();
  }

  async end() {
    await this.wire.stop();
    await this.server.remove();
  }
}
