/** The report of a lab: one page with everything that is known about it, to keep or to pass on. */

import { escapeHtml, renderPage, renderTable, type Section } from '../page/page.ts'

/** What was observed, and when. */
export interface Verification {
  /** ISO 8601. */
  at: string
  observations: readonly { what: string; ok: boolean; seen: string; next: string }[]
}

/** The result and what failed; a click shows the checks that passed. */
export function verifySection({ at, observations }: Verification): Section {
  const table = (caption: string, list: Verification['observations']) =>
    renderTable(
      caption,
      ['', 'check', 'seen'],
      list.map(({ what, ok, seen, next }) => [
        ok ? '<span class="good">✓ passed</span>' : '<span class="bad">✗ failed</span>',
        escapeHtml(what),
        `${escapeHtml(seen)}${ok ? '' : `<br>next: <code>${escapeHtml(next)}</code>`}`,
      ]),
    )
  const failed = observations.filter(({ ok }) => !ok)
  const count = observations.length
  const verdict = failed.length ? `✗ ${failed.length} of ${count} checks failed` : `✓ all ${count} checks passed`
  return {
    id: 'verify',
    title: 'Verification',
    css: '.verdict { font-size: 1.35rem; font-weight: 700; margin: 0.25rem 0; }',
    html: [
      `<p class="verdict ${failed.length ? 'bad' : 'good'}">${verdict}</p><p class="soft">Checked at ${escapeHtml(at)}.</p>`,
      failed.length ? table('Failed checks', failed) : '',
      `<details><summary>All ${count} checks</summary>${table('Checks and what was seen', observations)}</details>`,
    ].join('\n'),
  }
}

/** Lines of text, as `./lab plan` and `./lab version` print them. */
export function textSection(id: string, title: string, text: string): Section {
  return { id, title, html: `<pre>${escapeHtml(text)}</pre>` }
}

/** The plan's own colours, replaced by the page's, so that they are readable on its background. */
const planColours = {
  'rect[fill="white"]': 'fill: var(--ground)',
  'rect[fill="#f9fafb"]': 'fill: var(--panel)',
  '[fill="#1f2937"]': 'fill: var(--ink)',
  '[fill="#6b7280"]': 'fill: var(--soft)',
  '[fill="#2563eb"]': 'fill: var(--rest)',
  '[stroke="#2563eb"]': 'stroke: var(--rest)',
  '[fill="#d97706"]': 'fill: var(--cast)',
  '[stroke="#d97706"]': 'stroke: var(--cast)',
  '[fill="#9333ea"]': 'fill: var(--call)',
  '[stroke="#9333ea"]': 'stroke: var(--call)',
  '[stroke="white"]': 'stroke: var(--ground)',
}

/** The picture of the plan; a click shows its text. */
export function planSection(text: string, svg: string): Section {
  const colours = Object.entries(planColours).map(([selector, rule]) => `#plan svg ${selector} { ${rule}; }`)
  return {
    id: 'plan',
    title: 'Plan',
    css: ['#plan svg { display: block; }', ...colours].join('\n'),
    html: `<div class="scroll" tabindex="0" role="region" aria-label="Picture of the plan">${svg}</div>
<details><summary>The plan as text</summary><pre>${escapeHtml(text)}</pre></details>`,
  }
}

/** A part that failed says why; the others are still shown. */
export function missingSection(id: string, title: string, reason: string): Section {
  return { id, title, html: `<p>Not shown: ${escapeHtml(reason)}</p>` }
}

export function renderReport(lab: { name: string; id: string }, madeAt: string, sections: readonly Section[]): string {
  const intro = `<p class="soft">Lab ${escapeHtml(lab.name)} (${escapeHtml(lab.id)}), written at ${escapeHtml(madeAt)}. The page is self-contained.</p>`
  return renderPage({ title: `Report on lab ${lab.name}`, intro, sections })
}
