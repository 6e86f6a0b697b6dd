/** The picture of the topology: the box that is focused, clicked or touched shows its details below. */

const picture = document.querySelector('svg.topology')
const details = document.getElementById('topology-details')
const boxes = [...picture.querySelectorAll('[role=button]')]

function show(box) {
  for (const other of boxes) {
    other.removeAttribute('aria-current')
    other.setAttribute('tabindex', '-1')
  }
  box.setAttribute('aria-current', 'true')
  box.setAttribute('tabindex', '0')
  details.hidden = false
  details.textContent = box.getAttribute('aria-label')
}

function onKey(event, index) {
  const last = boxes.length - 1
  const moves = {
    ArrowDown: index + 1,
    ArrowRight: index + 1,
    ArrowUp: index - 1,
    ArrowLeft: index - 1,
    Home: 0,
    End: last,
  }
  const next = boxes[moves[event.key]]
  if (!next) return
  event.preventDefault()
  next.focus()
}

for (const [index, box] of boxes.entries()) {
  box.addEventListener('focus', () => {
    show(box)
    box.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })
  box.addEventListener('click', () => box.focus())
  box.addEventListener('keydown', (event) => onKey(event, index))
}
