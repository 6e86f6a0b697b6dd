"""What of the wire is written down: enough to recognise a request again, never a secret."""

import hashlib
import re

UUID = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')
# What a literal in SQL may be and still be shown: an id, a request id, a time, a state, a node's name.
PLAIN = re.compile(rf'(req-)?{UUID.pattern}|\d{{4}}-\d\d-\d\d[ T][\d:.]+|[A-Z][A-Z0-9_]{{1,19}}|[a-z][a-z0-9_:.-]{{0,29}}|')
LITERAL = re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.S)
COLUMNS = re.compile(r'\bSELECT\b(?!\s+…).{60,}?\bFROM\b', re.S)


def token(value):
    """The first half of a token's SHA-256: under its whole the token stands in memcached too."""
    return 'sha256:' + hashlib.sha256(value.encode()).hexdigest()[:32] if value else None


def statement(text):
    """One line of SQL: no list of columns, and literals only where they are plainly no secret."""
    text = LITERAL.sub(lambda found: f"'{found[1]}'" if PLAIN.fullmatch(found[1]) else "'…'", text)
    text = COLUMNS.sub('SELECT … FROM', text)
    return ' '.join(text.split())[:1500]


def ids(text):
    """The ids in a message, each once, in their order; a tap is named after its port."""
    return list(dict.fromkeys(re.findall(rf'{UUID.pattern}|\btap[0-9a-f]{{8}}-[0-9a-f]{{2}}\b', text)))[:60]
