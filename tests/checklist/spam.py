"""The rule `spam` of the mail checklist: SpamAssassin's local rules give each mail less than 1 point.

    tests/checklist/spam.py FILE.eml…

One line a finding, `FILE: spam: WHAT`; nothing when all is well.
"""

import re
import subprocess
import sys

LIMIT = 1.0
COMMAND = ["spamassassin", "--local", "--test-mode", "--nocreate-prefs", "--prefspath=/dev/null"]
VERDICT = re.compile(rb"^X-Spam-Status: \w+, score=(-?[\d.]+) (?:[^\n]|\n\s)*?tests=((?:[^\n ]|\n\s)*)", re.MULTILINE)


def main(files):
    # One process for all, which reads its rules once; its verdicts come in the order of the files.
    answer = subprocess.run([*COMMAND, *files], stdout=subprocess.PIPE, check=True).stdout
    verdicts = VERDICT.findall(answer)
    if len(verdicts) != len(files):
        sys.exit(f"spamassassin judged {len(verdicts)} of {len(files)} mails")
    found = False
    for file, (score, tests) in zip(files, verdicts):
        if float(score) >= LIMIT:
            found = True
            print(f"{file}: spam: {float(score)} points for {''.join(tests.decode().split())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
