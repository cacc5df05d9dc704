// Deploys newer versions of the built app.
import { cp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A copy of the built app that can be upgraded under running pages. */
export class Deployment {
  #number = 1;

  static async of(app, folder) {
    await cp(app, folder, { recursive: true });
    const deployment = new Deployment();
    deployment.folder = folder;
    // Compressed copies would become stale.
    for (const name of await readdir(folder)) {
      if (/\.(br|gz)$/.test(name)) await rm(join(folder, name));
    }
    return deployment;
  }

  /** File name of the loader. */
  async boot() {
    return (await readdir(this.folder)).find((name) => /^boot-.*\.js$/.test(name));
  }

  /** Deploys another version: renames the loader and marks the page with a number. */
  async upgrade() {
    this.#number += 1;
    const old = await this.boot();
    const boot = `boot-${String(this.#number).padStart(16, "0")}.js`;
    await rename(join(this.folder, old), join(this.folder, boot));
    const mark = `<head><meta name="v" content="${this.#number}">`;
    await this.#edit("index.html", (text) => text.replaceAll(old, boot).replace("<head>", mark));
    await this.#edit("sw.js", (text) =>
      text.replaceAll(old, boot).replace(/version: "[^"]*"/, `version: "${this.#number}"`),
    );
  }

  async #edit(name, change) {
    const path = join(this.folder, name);
    const text = await readFile(path, "utf8");
    const changed = change(text);
    if (changed === text) throw new Error(`${name} has no loader or version to change`);
    await writeFile(path, changed);
  }
}
