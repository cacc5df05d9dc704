// A TCP proxy between browser and server that injects network faults.
import { once } from "node:events";
import { createServer, connect } from "node:net";

export class Proxy {
  #server;
  #connections = new Set();
  #mode = "open";

  /** `target` returns the port to connect to. */
  constructor(target) {
    this.target = target;
  }

  async start() {
    this.#server = createServer((browser) => this.#accept(browser));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Ends all connections and refuses new ones. */
  cut() {
    this.#mode = "cut";
    for (const connection of this.#connections) connection.end();
  }

  /** Keeps connections open, but forwards nothing. */
  stall() {
    this.#mode = "stalled";
    for (const connection of this.#connections) connection.flow();
  }

  /** Withholds bytes of the server; forwards bytes of the browser. */
  withhold() {
    this.#mode = "withholding";
    for (const connection of this.#connections) connection.flow();
  }

  /** Resumes, and delivers withheld bytes. */
  heal() {
    this.#mode = "open";
    for (const connection of this.#connections) connection.flow();
  }

  /** Ends all connections, drops withheld bytes, and accepts new connections. */
  reset() {
    for (const connection of this.#connections) connection.end();
    this.#mode = "open";
  }

  /** Number of withheld bytes of the server. */
  get withheld() {
    return [...this.#connections].reduce((sum, it) => sum + it.withheld, 0);
  }

  #accept(browser) {
    if (this.#mode === "cut") {
      browser.on("error", () => {});
      browser.destroy();
      return;
    }
    const server = connect(this.target(), "127.0.0.1");
    const connection = new Connection(browser, server, () => this.#mode);
    this.#connections.add(connection);
    browser.on("close", () => this.#connections.delete(connection));
  }
}

/** A connection: one queue per direction, flushed if the mode allows it. */
class Connection {
  #browser;
  #server;
  #mode;
  #up = [];
  #down = [];

  constructor(browser, server, mode) {
    [this.#browser, this.#server, this.#mode] = [browser, server, mode];
    this.#pipe(browser, this.#up);
    this.#pipe(server, this.#down);
  }

  get withheld() {
    return this.#down.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
  }

  /** Flushes the queues that the mode allows. */
  flow() {
    const mode = this.#mode();
    if (mode === "open" || mode === "withholding") this.#flush(this.#up, this.#server);
    if (mode === "open") this.#flush(this.#down, this.#browser);
  }

  end() {
    this.#browser.destroy();
    this.#server.destroy();
  }

  /** `null` in a queue marks the end of the stream. */
  #pipe(from, queue) {
    const add = (chunk) => {
      queue.push(chunk);
      this.flow();
    };
    from.on("data", add);
    from.on("close", () => add(null));
    // An error is followed by a close.
    from.on("error", () => {});
  }

  #flush(queue, to) {
    while (queue.length > 0 && !to.destroyed) {
      const chunk = queue.shift();
      if (chunk === null) to.end();
      else to.write(chunk);
    }
  }
}
