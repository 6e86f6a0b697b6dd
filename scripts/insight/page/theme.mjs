/** Light or dark theme: the system's preference, until the button is pressed. */

const button = document.getElementById('theme')
const prefers = window.matchMedia('(prefers-color-scheme: dark)')
let chosen

function show() {
  const dark = chosen ?? prefers.matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  button.setAttribute('aria-pressed', String(dark))
}

button.addEventListener('click', () => {
  chosen = document.documentElement.dataset.theme !== 'dark'
  show()
})
prefers.addEventListener('change', show)
show()
