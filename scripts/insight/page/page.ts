/** One self-contained HTML page: no external requests, light and dark, usable with keyboard and screen reader. */

import { readFileSync } from 'node:fs'
import { visibleLines } from '../../terminal/visible.ts'

/** A part of a page, with any style and script that it needs. */
export interface Section {
  /** Its anchor, unique on the page. */
  id: string
  title: string
  html: string
  css?: string
  /** An ES module's text; it finds its elements itself. */
  script?: string
}

export interface Page {
  title: string
  /** HTML under the heading. */
  intro: string
  sections: readonly Section[]
}

const own = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return visibleLines(text).replaceAll(/[&<>"']/g, (character) => entities[character]!)
}

/** A table with a caption; cells are already HTML. If `named` is set, the first cell of a row is its header. */
export function renderTable(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const heads = head.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody></table></div>`
}

/** Data for a script of the page: `<` could end the element. */
export function embedJson(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`
}

/** What the page may load: nothing from outside. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

export function renderPage({ title, intro, sections }: Page): string {
  const styles = [own('page.css'), ...new Set(sections.flatMap(({ css }) => css ?? []))]
  const scripts = [own('theme.mjs'), ...new Set(sections.flatMap(({ script }) => script ?? []))]
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`).join('')
  const nav = sections.length > 1 ? `<nav aria-label="Parts of this page"><ul>${links}</ul></nav>` : ''
  const parts = sections.map(
    ({ id, title, html }) =>
      `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeHtml(title)}</h2>\n${html}\n</section>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
${styles.join('\n')}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><h1>${escapeHtml(title)}</h1><button type="button" id="theme" aria-pressed="false">Dark</button></header>
<main id="main">
${intro}
${nav}
${parts.join('\n')}
</main>
${scripts.map((script) => `<script type="module">\n${script}</script>`).join('\n')}
</body>
</html>
`
}
