"""Every error code is explained, and was produced by a program or a call given to the command in this run of the tests (they note what they see in
$B/test/codes). Codes of kind bug are those that nobody may produce. Runs last; after a run of some groups alone it says what these did not produce."""
import os
from kiln import KILN, Report, call, present, table


def main():
    report = Report()
    path = os.path.join(os.path.dirname(KILN), "test", "codes")
    seen = set(open(path).read().split()) if os.path.exists(path) else set()
    cuda = present("cuda")
    for row in table("errors"):
        code, kind = row["code"], row["kind"]
        status, text, _ = call("explain", code)
        body = text.split("\n\n", 1)[1].strip() if "\n\n" in text else ""
        wrong = None if status == 0 and len(body) > 40 and body[0].isupper() and body[-1] in ".)" else f"status {status}: {text}"
        report.check(f"{code} is explained", wrong)
        if kind == "bug":
            report.check(f"{code} is a bug of ours: not produced", "produced" if code in seen else None)
        elif code in seen:
            report.check(f"{code} is produced", None)
        elif (code == "E0631" and not cuda) or (code in ("E0634", "E0635") and cuda):
            report.skip(f"cuda: {code} needs {'a machine without one' if code == 'E0631' else 'a device'}")
        else:
            report.check(f"{code} is produced", f"no test does ({row['title']})")
    report.done()


if __name__ == "__main__":
    main()
