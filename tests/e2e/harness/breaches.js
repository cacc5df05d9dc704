// Accessibility checks with axe.
import axe from "axe-core";

/** The violations in a page, one line each. `without` names rules that do not apply. */
export async function breaches(page, without = []) {
  await page.evaluate(axe.source);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const { violations } = await page.evaluate((rules) => window.axe.run({ rules }), rules);
  return violations.map(({ id, nodes }) => {
    const [{ target, failureSummary }] = nodes;
    return `${id} (${nodes.length}×) at ${target}: ${failureSummary}`;
  });
}
