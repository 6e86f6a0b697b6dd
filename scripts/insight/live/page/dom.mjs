/** Elements of the page, always with text and never with HTML; and how numbers are written. */

const svg = 'http://www.w3.org/2000/svg'

/** What a browser acts on or does not show (directions, controls, zero width) is written out. */
export function visible(text) {
  return String(text).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value))
  }
  element.append(...children.map((one) => (one instanceof Node ? one : visible(one))))
  return element
}

export const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children)

export const draw = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(svg, name), attributes, children)

export const byId = (id) => document.getElementById(id)

const units = ['B', 'kB', 'MB', 'GB']

/** Bytes: `1.4 kB` */
export function sizeText(bytes) {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** Received and sent in a second; nothing for an interface that is not counted. */
export const ratesText = (rate) => (rate ? `↓${sizeText(rate[0])} ↑${sizeText(rate[1])}` : '')

/** What an interface receives is sent by what is behind it. */
export const turned = (rate) => rate && [rate[1], rate[0]]

/** A command to paste, with a button for it. */
export function command(text) {
  const button = make('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${text}` }, 'Copy')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(button.previousSibling)
      button.textContent = 'Selected'
    }
  })
  return make('div', { class: 'command' }, make('code', {}, text), button)
}

/** Asks the lab; an error is text too. */
export async function ask(question) {
  try {
    const answer = await fetch('ask', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    })
    return answer.ok ? await answer.json() : { error: await answer.text() }
  } catch {
    return { error: './lab open --live does not answer: was it stopped?' }
  }
}
