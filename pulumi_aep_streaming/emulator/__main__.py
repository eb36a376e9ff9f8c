"""`python -m pulumi_aep_streaming.emulator`: serve until interrupted."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading

from pulumi_aep_streaming.emulator import Emulator, Organization, Switches
from pulumi_aep_streaming.emulator.snapshot import Unusable


def main() -> None:
    """Serve on the loopback interface, and say how to reach it."""
    parser = argparse.ArgumentParser(prog="python -m pulumi_aep_streaming.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8710, help="port on 127.0.0.1; 0 takes a free one (default: 8710)")
    parser.add_argument("--state", default=":memory:", metavar="FILE", help="SQLite file (default: keep nothing)")
    parser.add_argument("--edition", choices=["2020", "current"], default="current", help="which edition of the service")
    parser.add_argument("--secrets", choices=["masked", "omitted", "echoed"], default="masked", help="how GET shows them")
    parser.add_argument("--delete-status", type=int, choices=[202, 204], default=204, help="what DELETE answers")
    parser.add_argument("--finalizer-seconds", type=float, default=0.0, help="how long a changed object stays updating")
    parser.add_argument("--list-lag-seconds", type=float, default=0.0, help="how long a new object is missing from lists")
    parser.add_argument("--if-match", choices=["quoted", "any"], default="quoted", help="which If-Match headers are taken")
    parser.add_argument("--patch-case", choices=["any", "lower"], default="any", help="how the op of a patch may be written")
    parser.add_argument("--patch-status", type=int, choices=[200, 202], help="what PATCH answers (default: as the edition)")
    parser.add_argument(
        "--most-destinations", type=int, metavar="N", help="target connections a sandbox may have (default: any)"
    )
    parser.add_argument("--not-entitled", action="store_true", help="there is no licence for the enterprise destinations")
    parser.add_argument(
        "--selectors",
        choices=["any", "known"],
        help="whether audiences and paths must be there (default: known with --snapshot, else any)",
    )
    places = parser.add_mutually_exclusive_group()
    places.add_argument("--sandbox", action="append", help="a sandbox that exists (default: prod and dev)")
    places.add_argument("--snapshot", metavar="FILE", help="have what the snapshot of a sandbox says, and nothing built in")
    options = parser.parse_args()
    switches = Switches(
        options.edition,
        options.secrets,
        options.delete_status,
        options.finalizer_seconds,
        options.if_match,
        options.patch_case,
        options.list_lag_seconds,
        options.selectors,
        options.patch_status,
        options.most_destinations,
        entitled=not options.not_entitled,
    )
    organization = Organization(sandboxes=tuple(options.sandbox or Organization.sandboxes))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        emulator = Emulator(
            port=options.port, state=options.state, switches=switches, organization=organization, snapshot=options.snapshot
        )
    except Unusable as snapshot:
        parser.exit(2, f"error: {snapshot}\n")
    except OverflowError:
        sys.exit(f"error: port {options.port}: ports are numbers from 0 to 65535; choose another with --port")
    except OSError as taken:
        sys.exit(f"error: port {options.port}: {taken.strerror}; choose another with --port")
    except sqlite3.Error as unusable:
        sys.exit(f"error: {options.state}: {unusable}")
    where = f", sandbox {emulator.organization.sandboxes[0]} as {options.snapshot} says" if options.snapshot else ""
    with emulator:
        organization = emulator.organization
        print(f"emulator at {emulator.url}, organization {organization.id}, client {organization.client_id}{where}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
