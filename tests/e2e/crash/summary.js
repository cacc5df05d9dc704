// Results of the trials.
export class Summary {
  #outcomes = [];

  add(outcome) {
    this.#outcomes.push(outcome);
  }

  line({ kind, after_ms, saved, lost, twice, lostWithoutIndexedDb }) {
    const count = lostWithoutIndexedDb;
    const without = count === undefined ? "" : `, ${count} without IndexedDB`;
    const when = `${kind} after ${(after_ms / 1000).toFixed(1)} s`;
    return `${when}: ${saved} saved, ${lost.length} lost, ${twice.length} twice${without}`;
  }

  table() {
    const lines = ["", "kind       trials   saved    lost   twice   lost with localStorage alone"];
    for (const kind of new Set(this.#outcomes.map((it) => it.kind))) {
      const all = this.#outcomes.filter((it) => it.kind === kind);
      const sum = (count) => all.reduce((total, it) => total + count(it), 0);
      const cells = [all.length, sum((it) => it.saved), sum((it) => it.lost.length)];
      cells.push(sum((it) => it.twice.length));
      const without = all.some((it) => it.lostWithoutIndexedDb !== undefined)
        ? String(sum((it) => it.lostWithoutIndexedDb ?? 0))
        : "";
      const numbers = cells.map((cell) => String(cell).padStart(8)).join("");
      lines.push(`${kind.padEnd(9)}${numbers}   ${without}`);
    }
    const bad = this.#outcomes.filter((it) => it.lost.length + it.twice.length > 0);
    for (const it of bad) lines.push(`trial ${it.number}: lost ${it.lost}, twice ${it.twice}`);
    lines.push(`${this.#outcomes.length} trials, ${this.#lost()} lost, ${this.#twice()} twice`);
    return lines.join("\n");
  }

  isClean() {
    return this.#lost() + this.#twice() === 0;
  }

  #lost() {
    return this.#outcomes.reduce((total, it) => total + it.lost.length, 0);
  }

  #twice() {
    return this.#outcomes.reduce((total, it) => total + it.twice.length, 0);
  }
}
