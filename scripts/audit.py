"""Asks the vulnerability databases about every locked package; known vulnerabilities are an error.

Without the network there is nothing to ask. That is said plainly and is no error: whether a line of code is
right must not depend on the weather.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LIMIT_SECONDS = 120
ROOT = Path(__file__).parent.parent


def main() -> int:
    """0 when nothing is known or nobody could be asked, 1 when a package is known to be vulnerable."""
    return max(report("Python", python_findings()), report("npm", npm_findings()))


def report(what: str, findings: list[str] | None) -> int:
    if findings is None:
        say(f"audit: {what} packages NOT checked, the vulnerability database does not answer from here")
        return 0
    say(*findings, f"audit: {what} packages, {len(findings)} known vulnerabilities")
    return 1 if findings else 0


def python_findings() -> list[str] | None:
    """One line for each vulnerability; None when some package could not be looked up."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format=json"]
    answer = json_from([*command, "--progress-spinner=off", "-r", "requirements-dev.txt"])
    packages = answer.get("dependencies", [])
    if not packages or any("skip_reason" in package for package in packages):
        return None
    return [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {found['fix_versions'] or 'no version yet'}"
        for package in packages
        for found in package["vulns"]
    ]


def npm_findings() -> list[str] | None:
    """The same for the front end's packages."""
    answer = json_from(["scripts/npm", "audit", "--json"])
    if "vulnerabilities" not in answer:
        return None
    return [f"{name}: {found['severity']}, {found['range']}" for name, found in answer["vulnerabilities"].items()]


def json_from(command: list[str]) -> dict[str, Any]:
    """What `command` prints as JSON; empty when it printed none within the limit."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LIMIT_SECONDS, check=False)  # noqa: S603 - the two commands above
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return {}
    return answer if isinstance(answer, dict) else {}


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
