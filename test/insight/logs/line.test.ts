import { describe, expect, test } from 'vitest'
import { FileReader, isAtLeast, readForm, readJournal } from '../../../scripts/insight/logs/line.ts'

const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString().slice(0, 23))

describe('each form of line gives its time and level', () => {
  test.each([
    [
      'oslo',
      '2026-11-24 06:20:08.061 2303 WARNING glance.async_ [-] Threadpool model',
      '2026-11-24T06:20:08.061',
      'WARNING',
      'glance.async_ [-] Threadpool model',
    ],
    [
      'oslo with the colours of a terminal',
      '2026-11-24 07:11:21.138 3824 INFO cinder.api [None req-1 - - - - - -] GET http://10.0.0.11/\u001b[00m',
      '2026-11-24T07:11:21.138',
      'INFO',
      'cinder.api [None req-1 - - - - - -] GET http://10.0.0.11/',
    ],
    [
      'RabbitMQ',
      '2026-11-24 07:13:07.394684+00:00 [error] <0.3733.0> missed heartbeats from client, timeout: 60s',
      '2026-11-24T07:13:07.394',
      'ERROR',
      '<0.3733.0> missed heartbeats from client, timeout: 60s',
    ],
    [
      'libvirtd',
      '2026-11-24 06:06:42.154+0000: 11289: error : virExec:1 : no such file',
      '2026-11-24T06:06:42.154',
      'ERROR',
      'virExec:1 : no such file',
    ],
    [
      'the log of a QEMU',
      '2026-11-24 06:24:42.154+0000: starting up libvirt version: 9.0.0',
      '2026-11-24T06:24:42.154',
      'INFO',
      'starting up libvirt version: 9.0.0',
    ],
    [
      'MariaDB',
      '2026-11-24  6:05:00 0 [Note] Server socket created on IP: 10.0.0.11.',
      '2026-11-24T06:05:00.000',
      'INFO',
      'Server socket created on IP: 10.0.0.11.',
    ],
    [
      'a request of uWSGI',
      '[pid: 2185|app: 0|req: 3/3] 10.0.0.1 () {36 vars in 600 bytes} [Tue Nov  3 06:05:00 2026] GET /v3 => generated 250 bytes in 3 msecs (HTTP/1.1 200) 8 headers',
      '2026-11-03T06:05:00.000',
      'INFO',
      '10.0.0.1 GET /v3 => generated 250 bytes in 3 msecs (HTTP/1.1 200) 8 headers',
    ],
    [
      'a failed request of uWSGI',
      '[pid: 2185|app: 0|req: 3/3] 10.0.0.1 () {36 vars in 600 bytes} [Tue Nov 24 06:05:00 2026] GET /v3 => generated 0 bytes in 3 msecs (HTTP/1.1 503) 8 headers',
      '2026-11-24T06:05:00.000',
      'ERROR',
      expect.stringContaining('503'),
    ],
    [
      'the start of uWSGI',
      '*** Starting uWSGI 2.0.21-debian (64bit) on [Tue Nov 24 06:19:05 2026] ***',
      '2026-11-24T06:19:05.000',
      undefined,
      '*** Starting uWSGI 2.0.21-debian (64bit) on ***',
    ],
    [
      "Apache's errors",
      '[Tue Nov 24 07:01:00.025849 2026] [wsgi:error] [pid 72439:tid 72471] Traceback',
      '2026-11-24T07:01:00.025',
      'ERROR',
      '[pid 72439:tid 72471] Traceback',
    ],
    [
      "Apache's requests",
      'controller:80 10.0.0.1 - - [24/Nov/2026:06:19:33 +0000] "GET /horizon/ HTTP/1.1" 200 3773 "-" "node"',
      '2026-11-24T06:19:33.000',
      'INFO',
      'controller:80 10.0.0.1 - - "GET /horizon/ HTTP/1.1" 200 3773 "-" "node"',
    ],
    [
      'anything else',
      '  File "/usr/lib/python3/nova.py", line 3',
      undefined,
      undefined,
      '  File "/usr/lib/python3/nova.py", line 3',
    ],
  ])('%s', (_, raw, at, level, text) => {
    const said = readForm(raw)
    expect([time(said.at), said.level, said.text]).toEqual([at, level, text])
  })
})

describe('lines of one file', () => {
  test('a line without a time belongs to the line before it; before the first time there is nothing', () => {
    const reader = new FileReader('controller', 'nova-api')
    expect(reader.take('compiled with version: 12.2.0')).toBeUndefined()
    reader.take('2026-11-24 06:20:08.061 23 ERROR nova boom')
    expect(reader.take('  File "x.py"')).toMatchObject({ level: 'ERROR', at: Date.parse('2026-11-24T06:20:08.061Z') })
  })

  test('a request that uWSGI wrote when it was answered stays behind what the service said of it', () => {
    const reader = new FileReader('controller', 'nova-api')
    const first = reader.take('2026-11-24 06:20:08.061 23 INFO nova.api "GET /servers"')
    const second = reader.take(
      '[pid: 1|app: 0|req: 1/1] 10.0.0.1 () {1 vars in 1 bytes} [Tue Nov 24 06:20:08 2026] GET /servers',
    )
    expect(second!.at).toBeGreaterThanOrEqual(first!.at)
  })
})

describe('the journal', () => {
  test('gives unit, time and priority', () => {
    const entry = {
      __REALTIME_TIMESTAMP: '1795505258232254',
      PRIORITY: '3',
      _SYSTEMD_UNIT: 'cinder-volume.service',
      SYSLOG_IDENTIFIER: 'sudo',
      MESSAGE: 'refused\n',
    }
    expect(readJournal(JSON.stringify(entry))).toEqual({
      at: 1_795_505_258_232,
      from: 'cinder-volume',
      unit: 'cinder-volume',
      level: 'ERROR',
      text: 'refused',
    })
  })

  test('accepts messages that are bytes, and skips a truncated line', () => {
    expect(readJournal('{"__REALTIME_TIMESTAMP":"1000","SYSLOG_IDENTIFIER":"x","MESSAGE":[104,105]}')?.text).toBe('hi')
    expect(readJournal('{"MESSAGE":"x')).toBeUndefined()
  })
})

test('a level means this level or more severe', () => {
  const line = { at: 0, node: 'controller', from: 'x', text: '', level: 'WARNING' } as const
  expect([isAtLeast(line, 'INFO'), isAtLeast(line, 'WARNING'), isAtLeast(line, 'ERROR')]).toEqual([true, true, false])
})
