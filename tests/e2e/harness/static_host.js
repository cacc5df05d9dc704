// Any web server: hands out the files of a folder under a path, and passes /api and /socket on.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export class StaticHost {
  #server;

  /** `base` is the path the app is under, such as `/time/`; `backend` answers a port. */
  constructor({ folder, base, backend }) {
    Object.assign(this, { folder, base, backend });
  }

  async start() {
    this.#server = createServer((asked, answer) => this.#answer(asked, answer));
    this.#server.on("upgrade", (asked, socket) => this.#upgrade(asked, socket));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async #answer(asked, answer) {
    const { pathname } = new URL(asked.url, this.url);
    if (pathname.startsWith("/api/")) return this.#pass(asked, answer);
    if (!pathname.startsWith(this.base)) return answer.writeHead(404).end();
    const name = normalize(pathname.slice(this.base.length) || "index.html");
    const type = TYPES[extname(name)];
    if (name.startsWith("..") || !type) return answer.writeHead(404).end();
    try {
      const bytes = await readFile(join(this.folder, name));
      answer.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  }

  #pass(asked, answer) {
    const onward = this.#onward(asked);
    onward.on("response", (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    asked.pipe(onward);
  }

  #upgrade(asked, socket) {
    const onward = this.#onward(asked);
    onward.on("upgrade", (reply, server) => {
      const headers = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join("\r\n")}\r\n\r\n`);
      for (const [from, to] of [[socket, server], [server, socket]]) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    onward.on("response", () => socket.destroy());
    onward.on("error", () => socket.destroy());
    onward.end();
  }

  #onward({ method, url, headers }) {
    return request({ host: "127.0.0.1", port: this.backend(), method, path: url, headers });
  }
}
