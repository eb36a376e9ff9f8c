"""`make demo`: the tutorial, built by the real Pulumi engine against the emulator, and read back. `make demo-down` undoes it.

Everything that it makes is in .demo/: the emulator's state and log, Pulumi's state, the stack's config.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming.flow_service.client import FlowService

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
PID_FILE = DEMO / "emulator.pid"
CONFIG_FILE = DEMO / "Pulumi.demo.yaml"
DESTINATIONS = ("amazon_kinesis", "azure_event_hubs")


def exists(process: int) -> bool:
    """Whether a process of ours is there."""
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def started() -> tuple[int, str]:
    """Return the process and the port of the emulator that an earlier run started, (0, "") if there is none."""
    process, _, port = PID_FILE.read_text().partition(" ") if PID_FILE.exists() else ("0", "", "")
    return (int(process), port) if int(process) and exists(int(process)) else (0, "")


PORT = started()[1] or os.environ.get("DEMO_PORT", "8710")
URL = f"http://127.0.0.1:{PORT}"
SECONDS_TO_START = 20
SETTINGS = {
    "aep:endpoint": URL,
    "aep:imsEndpoint": URL,
    "aep:orgId": "EMULATOR@AdobeOrg",
    "aep:sandboxName": "prod",
    "aep:clientId": "emulator-client",
    "destination": os.environ.get("DESTINATION", "amazon_kinesis"),
}
SECRETS = {"aep:clientSecret": "emulator-secret", "streamSecret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


def main() -> int:
    """Do what the argument says: up, or down."""
    try:
        if os.environ.get("DEMO_PORT", PORT) != PORT:
            print(f"[demo] runs on port {PORT} already, and stays there until make demo-down")
        down() if sys.argv[1:] == ["down"] else up()
    except Stop as reason:
        print(f"[demo] {reason}", file=sys.stderr)
        return 1
    return 0


class Stop(Exception):
    """The demo cannot go on; the text says why and what to do."""


def up() -> None:
    """Start the emulator, run the program, show what the service holds then."""
    if SETTINGS["destination"] not in DESTINATIONS:
        raise Stop(f"DESTINATION is {SETTINGS['destination']}, but must be one of {', '.join(DESTINATIONS)}")
    start_emulator()
    prepare_stack()
    before = len(journal())
    pulumi("up", "--yes", "--skip-preview")
    sent = [call for call in journal()[before:] if call["method"] in {"POST", "PATCH", "DELETE"}]
    show(outputs())
    changes = [call for call in sent if "/ims/" not in call["path"]]
    print(f"\nSent to the service: {tally(changes)}." if changes else "\nNothing changed: no call was made to the service.")
    print(f"The chain, drawn:    {URL}/")
    print(f"Every call so far:   curl {URL}/__control/journal")
    print("The program:         examples/tutorial/__main__.py; change a segment in it and type `make demo` again")
    print("To undo it all:      make demo-down")


def down() -> None:
    """Destroy what was made, stop the emulator, remove the folder."""
    if not DEMO.exists():
        print("[demo] nothing to undo")
        return
    start_emulator()
    prepare_stack()
    pulumi("destroy", "--yes", "--skip-preview")
    pulumi("stack", "rm", "demo", "--yes")
    stop_emulator()
    shutil.rmtree(DEMO)
    print("[demo] undone: no object, no process and no file is left")


def start_emulator() -> None:
    """Start the emulator in the background, unless it runs."""
    if is_ours():
        return
    if answers():
        raise Stop(f"something else listens on port {PORT}: choose another one, DEMO_PORT=8711 make demo")
    DEMO.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", PORT, "--state", str(DEMO / "service.sqlite")]
    with (DEMO / "emulator.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    PID_FILE.write_text(f"{process.pid} {PORT}")
    deadline = time.monotonic() + SECONDS_TO_START
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            PID_FILE.unlink()
            raise Stop(f"the emulator did not start on port {PORT}; see {DEMO / 'emulator.log'}, or try DEMO_PORT=8711")
        time.sleep(0.05)
    print(f"[demo] emulator of Adobe's service at {URL}, process {process.pid}")


def stop_emulator() -> None:
    """End the process that start_emulator started, by its id, and wait for its end."""
    process, _ = started()
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_START
    while exists(process):
        if time.monotonic() > deadline:
            raise Stop(f"the emulator, process {process}, does not end")
        time.sleep(0.05)


def is_ours() -> bool:
    """Whether the emulator that an earlier run started is still there."""
    return started()[0] != 0 and answers()


def answers() -> bool:
    """Whether anything answers on the port."""
    try:
        with urllib.request.urlopen(f"{URL}/__control/health", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def journal() -> list[dict[str, Any]]:
    """Return the calls that the emulator has seen."""
    with urllib.request.urlopen(f"{URL}/__control/journal", timeout=10) as answer:
        calls: list[dict[str, Any]] = json.load(answer)
    return calls


def prepare_stack() -> None:
    """Make the stack and its config. No variable of the caller's can lead elsewhere."""
    pulumi("stack", "select", "demo", "--create", quiet=True)
    for key, value in (SETTINGS | SECRETS).items():
        pulumi("config", "set", key, "--secret" if key in SECRETS else "--plaintext", "--", value, quiet=True)


def outputs() -> dict[str, str]:
    """Return the ids that the program exports."""
    found: dict[str, str] = json.loads(pulumi("stack", "output", "--json", quiet=True))
    return found


def pulumi(*arguments: str, quiet: bool = False) -> str:
    """Run the CLI on the demo's own state, and show what it says, or return it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
    environment |= {
        "PULUMI_BACKEND_URL": f"file://{DEMO}",
        "PULUMI_HOME": str(DEMO / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "demo",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    options = ["--non-interactive", "--cwd", str(ROOT)]
    if arguments[0] in {"up", "destroy", "config"}:
        options += ["--stack", "demo", "--config-file", str(CONFIG_FILE)]
    split = list(arguments).index("--") if "--" in arguments else len(arguments)
    command = ["pulumi", *arguments[:split], *options, *arguments[split:]]
    result = subprocess.run(
        command, env=environment, check=False, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if quiet else None
    )
    if result.returncode:
        raise Stop(f"`pulumi {arguments[0]}` failed; see above")
    return result.stdout or ""


def show(ids: dict[str, str]) -> None:
    """Print a table of the objects and of what is activated, read back from the service: the tutorial's last step."""
    values = SETTINGS | SECRETS
    service = client_for(load(values, {}), values["aep:sandboxName"])
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
