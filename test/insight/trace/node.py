"""Feeds bytes to the recorder's parsers as segments: reads JSON from stdin, prints what they emit as JSON."""

import base64
import json
import sys

sys.path.insert(0, sys.argv[1])
import amqp  # noqa: E402
import protocols  # noqa: E402
import redact  # noqa: E402

PARSERS = {'http': protocols.Http, 'amqp': amqp.Amqp, 'mariadb': protocols.MariaDb, 'memcached': protocols.Memcached}

question = json.load(sys.stdin)
if 'statement' in question:
    print(json.dumps(redact.statement(question['statement'])))
else:
    answers = []
    for run in question['runs']:
        seen = []
        parser = PARSERS[run['protocol']](run['request'], lambda kind, at, fields: seen.append({'kind': kind, 'at': at, **fields}))
        for at, part in enumerate(run['parts']):
            parser.feed(base64.b64decode(part['bytes']), part.get('missing', 0), at)
        answers.append(seen)
    print(json.dumps(answers))
