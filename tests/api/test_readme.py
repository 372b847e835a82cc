"""What README.md says is true: its walk is walked, its settings are those of --help."""

import pathlib
import re
import subprocess

from support.daemon import ADMIN_PASSWORD
from support.program import environment, program

README = (pathlib.Path(__file__).parents[2] / "README.md").read_text()

# What differs from run to run, and the mark that stands for it.
VARYING = [
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "INSTANT"),
    (r"\d{4}-\d\d-\d\d", "DAY"),
    (r"\d{8}-\d{4}", "NUMBER"),
    (r"([0-9A-Z]{4}-){4}[0-9A-Z*~$=]", "RECEIPT"),
    (r'"seconds_left":\d+', "SECONDS"),
]


def block(mark):
    return re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```", README, re.S).group(1)


def masked(text):
    for pattern, mark in VARYING:
        text = re.sub(pattern, mark, text)
    return text.splitlines()


def test_the_walk_of_the_readme_prints_what_the_readme_shows(new_site):
    daemon = new_site(with_clock=False).daemon()
    walk = block("walk begins").replace("http://127.0.0.1:8080", f"http://127.0.0.1:{daemon.port}")
    walked = subprocess.run(
        ["bash", "-euo", "pipefail"], input=walk, env=environment(ECHO_WALL_ADMIN_PASSWORD=ADMIN_PASSWORD), capture_output=True, text=True, timeout=60
    )
    assert walked.returncode == 0, walked.stderr
    assert masked(walked.stdout) == masked(block("walk prints"))


def test_the_settings_of_the_readme_are_those_of_the_program():
    shown = subprocess.run([program(), "--help"], env=environment(), capture_output=True, text=True, check=True).stdout
    told = dict(re.findall(r"^  --(\S+)\s+(.*?)(?: \(default: .*\))?$", shown, re.M))
    table = dict(re.findall(r"^\| `--(\S+)` \| .*? \| (.*) \|$", README, re.M))
    assert table == told
