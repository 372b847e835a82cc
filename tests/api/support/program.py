"""Where the program is and what it gets to see of our environment."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1:halt_on_error=0",
}
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer")


def program():
    return os.environ.get("WALL_TEST_PROGRAM", str(ROOT / "build/debug/echo-wall"))


def environment(**more):
    """Ours without settings of the daemon, with the sanitizers' wishes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ECHO_WALL_", "PG"))}
    return {**kept, **SANITIZERS, **more}


def complaints_of_sanitizers(text):
    return [line for line in text.splitlines() if any(report in line for report in REPORTS)]
