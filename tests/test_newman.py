"""Adobe's tutorial by its other road: a Postman collection, run by newman against the emulator. Slow: `make test-all`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "newman"
NEWMAN = FOLDER / "node_modules/.bin/newman"


@pytest.mark.skipif(not NEWMAN.exists(), reason="newman is installed by `make test-all`")
def test_newman_does_the_tutorial_and_undoes_it(emulator, tmp_path):
    organization = emulator.organization
    variables = {
        "endpoint": emulator.url,
        "orgId": organization.id,
        "clientId": organization.client_id,
        "clientSecret": organization.client_secret,
        "sandbox": "prod",
    }
    given = [part for key, value in variables.items() for part in ("--env-var", f"{key}={value}")]
    collection, report = FOLDER / "tutorial.postman_collection.json", tmp_path / "report.json"
    reporting = ["--reporters", "cli,json", "--reporter-json-export", str(report)]
    done = subprocess.run(
        [NEWMAN, "run", collection, "--ignore-redirects", *reporting, *given],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    run = json.loads(report.read_text())["run"]
    assert run["stats"]["requests"] == {"total": len(json.loads(collection.read_text())["item"]), "pending": 0, "failed": 0}
    assert run["failures"] == []
    assert not any(emulator.store.find(f"{organization.id}/prod", kind, [], None) for kind in ("connections", "flows"))
