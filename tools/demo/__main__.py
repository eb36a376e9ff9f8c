"""`make demo`: the tutorial, built by the real Pulumi engine against the emulator, and read back. `make demo-down` undoes it.

Everything that it makes is in .demo/: the emulator's state and log, Pulumi's state, the stack's config. It can be cut off
anywhere, and run again: a run takes up what is there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import urllib.request
from types import FrameType
from typing import Any

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import FlowServiceError
from tools.demo import Stop, background
from tools.demo.stack import NAME, ROOT, Stack, alone

DEMO = ROOT / ".demo"
RECORD = DEMO / "emulator.process"
DESTINATIONS = {"amazon_kinesis": "Amazon Kinesis", "azure_event_hubs": "Azure Event Hubs"}
USUAL_PORT = 8710
SECRETS = {"aep:clientSecret": "emulator-secret", "streamSecret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
EXPORTS = {"profileBaseConnectionId", "sourceConnectionId", "baseConnectionId", "targetConnectionId", "dataflowId"}
AGAIN = "`make demo` goes on from here, `make demo-down` undoes it all"


def main() -> int:
    """Do what the argument says: up, or down."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # in order with what pulumi prints
    for name in ("NO_PROXY", "no_proxy"):  # all that talk here, gRPC too, would ask a proxy for this machine
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), background.HOST]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, interrupt)
    try:
        with alone():
            down() if sys.argv[1:] == ["down"] else up()
    except Stop as reason:
        return ended(str(reason))
    except FlowServiceError as reason:
        return ended(f"{reason}; {AGAIN}")
    except KeyboardInterrupt as signalled:
        return ended(f"ended by {signalled}; {AGAIN}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes
        return ended(f"nobody reads on; {AGAIN}")
    except OSError as problem:
        return ended(f"{problem.strerror or problem}{f': {problem.filename}' if problem.filename else ''}; {AGAIN}")
    return 0


def ended(reason: str) -> int:
    """Say why it ended early, if there is still somebody to tell; returns the exit status."""
    with contextlib.suppress(OSError):
        print(f"[demo] {reason}", file=sys.stderr)
    return 1


def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (as signal wants it)
    """Treat a hang-up and SIGTERM as Ctrl-C."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def up() -> None:
    """Start the emulator, run the program, show what the service holds then."""
    destination = os.environ.get("DESTINATION", "amazon_kinesis")
    if destination not in DESTINATIONS:
        raise Stop(f"DESTINATION is {destination}, but must be one of {', '.join(DESTINATIONS)}")
    url = f"http://{background.HOST}:{emulator().port}"
    stack, settings = Stack(DEMO), settings_at(url, destination)
    try:
        stack.prepare(settings, SECRETS)
        before = len(journal(url))
        stack.pulumi("up", "--yes", "--skip-preview")
        ids = stack.outputs()
    except Stop as reason:
        raise Stop(f"{reason}; {AGAIN}") from None
    sent = [call for call in journal(url)[before:] if call["method"] in {"POST", "PATCH", "DELETE"}]
    show(ids, settings, DESTINATIONS[destination])
    changes = [call for call in sent if "/ims/" not in call["path"]]
    print(f"\nSent to the service: {tally(changes)}." if changes else "\nNothing changed: no call was made to the service.")
    print(f"The chain, drawn:    {url}/")
    print(f"Every call so far:   curl {url}/__control/journal")
    print("The program:         examples/tutorial/__main__.py; change a segment in it and type `make demo` again")
    print("To undo it all:      make demo-down")


def down() -> None:
    """Destroy what was made, stop the emulator, remove the folder."""
    if not DEMO.exists():
        print("[demo] nothing to undo")
        return
    try:
        stack = Stack(DEMO)
        stack.prepare(settings_at(f"http://{background.HOST}:{emulator().port}", "amazon_kinesis"), SECRETS)
        stack.pulumi("destroy", "--yes", "--skip-preview")
        stack.pulumi("stack", "rm", NAME, "--yes")
    except (Stop, OSError) as reason:  # a full disk, say
        print(f"[demo] {reason}: the emulator is thrown away with all that it holds")
    background.stop(RECORD)
    shutil.rmtree(DEMO)
    (ROOT / f"Pulumi.{NAME}.yaml").unlink(missing_ok=True)  # what is thrown away leaves it
    print("[demo] undone: no object, no process and no file is left")


def emulator() -> background.Running:
    """Return the emulator that runs, or start it."""
    wish = os.environ.get("DEMO_PORT")
    if running := background.started(RECORD):
        if background.answers(running.port):
            if wish not in {None, str(running.port)}:
                print(f"[demo] runs on port {running.port} already, and stays there until make demo-down")
            return running
        background.stop(RECORD)
    chosen = port(wish)
    DEMO.mkdir(exist_ok=True)
    running = background.start(RECORD, DEMO / "emulator.log", DEMO / "service.sqlite", chosen)
    print(f"[demo] emulator of Adobe's service at http://{background.HOST}:{running.port}, process {running.process}")
    return running


def port(wish: str | None) -> int:
    """Return the port that the caller asks for, which must be free; else the usual one, or any."""
    if wish is not None and not (wish.isdecimal() and 0 < int(wish) < 65536):
        raise Stop(f"DEMO_PORT is {wish}, but must be a number from 1 to 65535")
    if background.is_free(int(wish or USUAL_PORT)):
        return int(wish or USUAL_PORT)
    if wish:
        raise Stop(f"something else listens on port {wish}: choose another DEMO_PORT, or leave it out")
    found = background.any_port()
    print(f"[demo] something else listens on port {USUAL_PORT}; taking {found}")
    return found


def journal(url: str) -> list[dict[str, Any]]:
    """Return the calls that the emulator has seen."""
    with urllib.request.urlopen(f"{url}/__control/journal", timeout=10) as answer:
        calls: list[dict[str, Any]] = json.load(answer)
    return calls


def settings_at(url: str, destination: str) -> dict[str, str]:
    """Return the config that leads to the emulator."""
    return {
        "aep:endpoint": url,
        "aep:imsEndpoint": url,
        "aep:orgId": "EMULATOR@AdobeOrg",
        "aep:sandboxName": "prod",
        "aep:clientId": "emulator-client",
        "destination": destination,
    }


def show(ids: dict[str, str], settings: dict[str, str], destination: str) -> None:
    """Print a table of the objects and of what is activated, read back from the service: the tutorial's last step."""
    if missing := EXPORTS - ids.keys():
        raise Stop(f"the program does not export {', '.join(sorted(missing))} any more: there is nothing to read back")
    service = client_for(load(settings | SECRETS, {}), settings["aep:sandboxName"])
    rows = [
        ("profile store", service.connections.get(ids["profileBaseConnectionId"])),
        ("source", service.source_connections.get(ids["sourceConnectionId"])),
        ("account", service.connections.get(ids["baseConnectionId"])),
        ("target", service.target_connections.get(ids["targetConnectionId"])),
        ("dataflow", service.flows.get(ids["dataflowId"])),
    ]
    print("\nRead back from the service:\n")
    width = max(len(live.name or "") for _, live in rows)
    for label, live in rows:
        print(f"  {label:<14} {live.name or '':<{width}}  {live.id}  {live.state}")
    show_activated(service, ids["dataflowId"])
    print(f"\nThe names are the tutorial's own, whatever the destination: this dataflow leads to {destination}.")


def show_activated(service: FlowService, flow_id: str) -> None:
    """Print the selectors of a dataflow."""
    flow = service.flows.get(flow_id)
    for selector in flow.selectors("segmentSelectors") or []:
        print(f"  {'  segment':<14} {selector['value'].get('name', '')}  {selector['value']['id']}")
    for selector in flow.selectors("profileSelectors") or []:
        print(f"  {'  attribute':<14} {selector['value']['path']}")


def tally(calls: list[dict[str, Any]]) -> str:
    """Count calls by method: `5 POST, 1 PATCH`."""
    methods = [call["method"] for call in calls]
    return ", ".join(f"{methods.count(method)} {method}" for method in dict.fromkeys(methods))


if __name__ == "__main__":
    sys.exit(main())
