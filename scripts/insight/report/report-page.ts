/** The report of a lab: one page with everything that is known about it, to keep or to pass on. */

import { escapeHtml, renderPage, renderTable, type Section } from '../page/page.ts'

/** What was observed, and when. */
export interface Verification {
  /** ISO 8601. */
  at: string
  observations: readonly { what: string; ok: boolean; seen: string; next: string }[]
}

export function verifySection({ at, observations }: Verification): Section {
  const bad = observations.filter(({ ok }) => !ok).length
  const rows = observations.map(({ what, ok, seen, next }) => [
    ok ? '<span class="good">✓ passed</span>' : '<span class="bad">✗ failed</span>',
    escapeHtml(what),
    `${escapeHtml(seen)}${ok ? '' : `<br>next: <code>${escapeHtml(next)}</code>`}`,
  ])
  const summary = bad ? `${bad} of ${observations.length} checks failed` : `all ${observations.length} checks passed`
  return {
    id: 'verify',
    title: 'Verification',
    html: `<p class="${bad ? 'bad' : 'good'}">Checked at ${escapeHtml(at)}: ${summary}.</p>${renderTable('Checks and what was seen', ['', 'check', 'seen'], rows)}`,
  }
}

/** Lines of text, as `./lab plan` and `./lab version` print them. */
export function textSection(id: string, title: string, text: string): Section {
  return { id, title, html: `<pre>${escapeHtml(text)}</pre>` }
}

/** The plan in words, and its picture as a file in the page: its style is its own. */
export function planSection(text: string, svg: string): Section {
  const picture = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  return {
    id: 'plan',
    title: 'Plan',
    css: '#plan img { max-width: 100%; background: #fff; }',
    html: `<pre>${escapeHtml(text)}</pre><img src="${picture}" alt="Picture of the plan; the text above contains the same">`,
  }
}

/** A part that could not be made says why, and the others stand. */
export function missingSection(id: string, title: string, reason: string): Section {
  return { id, title, html: `<p>Not shown: ${escapeHtml(reason)}</p>` }
}

export function renderReport(lab: { name: string; id: string }, madeAt: string, sections: readonly Section[]): string {
  const intro = `<p class="soft">Lab ${escapeHtml(lab.name)} (${escapeHtml(lab.id)}), written at ${escapeHtml(madeAt)}. The page is self-contained.</p>`
  return renderPage({ title: `Report on lab ${lab.name}`, intro, sections })
}
