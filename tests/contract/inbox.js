// A queue whose `take` returns a promise.
export function inbox() {
  const values = [];
  const takers = [];
  return {
    put(value) {
      const taker = takers.shift();
      taker ? taker(value) : values.push(value);
    },
    take() {
      return values.length > 0
        ? Promise.resolve(values.shift())
        : new Promise((resolve) => takers.push(resolve));
    },
    get size() {
      return values.length;
    },
  };
}
