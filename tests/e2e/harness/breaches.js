// Accessibility checks with axe.
import axe from "axe-core";

/** The violations in a page, one line each. */
export async function breaches(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => {
    const [{ target, failureSummary }] = nodes;
    return `${id} (${nodes.length}×) at ${target}: ${failureSummary}`;
  });
}
