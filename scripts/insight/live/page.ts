/** The live page: its frame, which is the same for every lab, and the files that it loads from here. */

import { fileURLToPath } from 'node:url'
import { embedJson, escapeHtml } from '../page/page.ts'
import { renderControls } from '../trace/render-page.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** By the name in the page's address. */
export const pageFiles: Readonly<Record<string, string>> = {
  'page.css': file('../page/page.css'),
  'theme.mjs': file('../page/theme.mjs'),
  'trace.css': file('../trace/page/trace.css'),
  'trace-page.mjs': file('../trace/page/trace-page.mjs'),
  ...Object.fromEntries(
    ['live.css', 'live-page.mjs', 'dom.mjs', 'map.mjs', 'places.mjs', 'details.mjs', 'launches.mjs'].map((name) => [
      name,
      file(`page/${name}`),
    ]),
  ),
}

const styles = ['page.css', 'trace.css', 'live.css']
const scripts = ['theme.mjs', 'trace-page.mjs', 'live-page.mjs']

/** Nothing in it comes from the lab but its name: all else is put in by scripts, as text. */
export function renderLivePage({ id, name }: { id: string; name: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}: live</title>
<link rel="icon" href="data:,">
${styles.map((one) => `<link rel="stylesheet" href="${one}">`).join('\n')}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>${escapeHtml(name)} <small>lab ${escapeHtml(id)}</small></h1>
<a id="health" class="badge" href="#troubles" role="status">reading…</a>
<span id="link" class="soft" role="status">connecting…</span>
<button type="button" id="theme" aria-pressed="false">Dark</button>
</header>
<main id="main">
<section id="topology" aria-labelledby="topology-title">
<div class="title-bar"><h2 id="topology-title">Topology</h2>
<div role="group" aria-label="Machines"><button type="button" id="fold">Fold all</button> <button type="button" id="unfold">Unfold all</button></div></div>
<p class="soft hint">Select a machine to fold or unfold it, a box for its details. Thick lines carry traffic; ↓ is received and ↑ sent each second.</p>
<div id="picture" class="scroll" role="region" aria-label="Picture of the topology"><p class="soft">Reading the topology…</p></div>
</section>
<aside id="side" aria-label="Details and health">
<section id="details" aria-live="polite"><h2>Details</h2><p class="soft">Nothing is selected.</p></section>
<section id="troubles" aria-labelledby="troubles-title"><h2 id="troubles-title">Health</h2><div id="trouble-list"><p class="soft">Reading the status…</p></div></section>
</aside>
<section id="launches" aria-labelledby="launches-title">
<h2 id="launches-title">Launches</h2>
<p id="launch-hint" class="soft">Launch an instance, by any means: its steps appear here while it is built. For example <code>./lab trace --launch</code>, the dashboard, or <code>./lab openstack server create …</code>. For an earlier one select an instance, then <i>Evidence</i>.</p>
<p id="launch-count" class="soft"></p>
<div id="launch-list" role="group" aria-label="Launches"></div>
<div id="launch" hidden>
<p id="launch-state" role="status"></p>
<div class="diagram"><div id="trace-diagram" class="scroll"></div><aside id="trace-evidence" tabindex="0" aria-label="Evidence"></aside></div>
<details><summary>Filters, zoom and colors</summary>
${renderControls({ about: 'project-network' })}
</details>
<div id="launch-end"></div>
</div>
</section>
</main>
${embedJson('trace-data', { lanes: [], steps: [] })}
${scripts.map((one) => `<script type="module" src="${one}"></script>`).join('\n')}
</body>
</html>
`
}
