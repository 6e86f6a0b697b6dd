# Turns the subunit stream of a run on standard input into lines of JSON, one for each test as it ends.

import json
import sys

import subunit
import testtools


def text(details, prefix):
    return "\n".join(details[name].as_text() for name in sorted(details) if name.startswith(prefix)).strip()


def tell(test):
    # Each worker first lists what it has.
    if test["status"] == "exists":
        return
    start, end = test["timestamps"]
    line = {
        "id": test["id"],
        "status": test["status"],
        "seconds": round((end - start).total_seconds(), 3) if start and end else 0,
        "reason": text(test["details"], "reason"),
        "traceback": text(test["details"], "traceback"),
    }
    print(json.dumps(line), flush=True)


stream = subunit.ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="stdout")
result = testtools.StreamToDict(tell)
result.startTestRun()
try:
    stream.run(result)
finally:
    result.stopTestRun()
