// The rules of accessibility.
import axe from "axe-core";

/** Every breach of the rules in a page, as short lines. */
export async function breaches(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => {
    const [{ target, failureSummary }] = nodes;
    return `${id} (${nodes.length}×) at ${target}: ${failureSummary}`;
  });
}
