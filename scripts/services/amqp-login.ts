/** bash that logs in to the broker as the services do, to check that its user is right. Needs no extra program. */

/** AMQP 0-9-1, section 4.2.3: type, channel, size, payload, end. */
function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.of(0xce)])
}

const short = (...numbers: number[]) => Buffer.concat(numbers.map((number) => Buffer.of(number >> 8, number & 0xff)))
const long = (number: number) => Buffer.concat([short(number >>> 16, number & 0xffff)])
const shortText = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
const longText = (text: string) => Buffer.concat([long(text.length), Buffer.from(text)])
const noTable = long(0)

/** One method on a channel: class and method as numbers, then its arguments. */
const method = (channel: number, id: readonly [number, number], ...args: Buffer[]) =>
  frame(1, channel, Buffer.concat([short(...id), ...args]))

/** A queue that belongs to this connection and disappears with it. */
const exclusiveAutoDelete = Buffer.of(0b01100)
const nothing = Buffer.of(0)

/** What the client sends, all at once: login, a queue, a message into it, a request for that message, close. */
function conversation(user: string, password: string): Buffer {
  return Buffer.concat([
    Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
    method(0, [10, 11], noTable, shortText('PLAIN'), longText(`\0${user}\0${password}`), shortText('en_US')),
    method(0, [10, 31], short(2047), long(131_072), short(0)),
    method(0, [10, 40], shortText('/'), shortText(''), nothing),
    method(1, [20, 10], shortText('')),
    method(1, [50, 10], short(0), shortText(''), exclusiveAutoDelete, noTable),
    method(1, [60, 40], short(0), shortText(''), shortText('nowhere'), nothing),
    // The message's header: class, weight, body size, no properties.
    frame(2, 1, Buffer.concat([short(60, 0), long(0), long(0), short(0)])),
    method(1, [60, 70], short(0), shortText(''), Buffer.of(1)),
    method(0, [10, 50], short(200), shortText(''), short(0, 0)),
  ])
}

/**
 * Succeeds if `user` can log in with this password and may configure, write and read on the virtual host `/`: any
 * refusal ends the conversation before its last answer, "the queue is empty". `socket`: `10.0.0.11:5672`. The script
 * contains the password, so send it over stdin.
 */
export function amqpLogin(socket: string, user: string, password: string): string {
  const [empty, closed] = [short(60, 72), short(10, 51)].map((answer) => answer.toString('hex'))
  return `exec 3<>/dev/tcp/${socket.replace(':', '/')}
base64 -d >&3 <<< '${conversation(user, password).toString('base64')}'
# Byte by byte, because the broker leaves it to the client to close the connection in the end.
seen=
while read -r byte; do
  seen+=$byte
  case $seen in *${empty} | *${closed}) break ;; esac
done < <(timeout 30 stdbuf -oL od -An -v -tx1 -w1 <&3 2>/dev/null)
kill $! 2>/dev/null || true
[[ $seen == *${empty} ]]`
}
