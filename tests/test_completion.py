"""What an editor offers while a program is written, by Jedi, which knows only what the code says."""

from __future__ import annotations

import inspect
import pkgutil
import re

import jedi
import pytest

import pulumi_aep_streaming as aep

MADE = "made = aep.StreamingDestination('d', destination={})\n"


@pytest.fixture(scope="module", autouse=True)
def cache_of_its_own(tmp_path_factory):
    """Jedi keeps what it has parsed in files that several test workers would write at the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jedi.settings, "cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


def offered(code: str) -> list[str]:
    return [completion.name for completion in jedi.Script(f"import pulumi_aep_streaming as aep\n{code}").complete()]


def test_every_public_name_is_offered():
    assert set(aep.__all__) <= set(offered("aep."))


@pytest.mark.parametrize(
    "name", [name for name in aep.__all__ if inspect.isclass(getattr(aep, name)) and not name.endswith("SpecId")]
)
def test_every_argument_is_offered(name):
    arguments = inspect.signature(getattr(aep, name)).parameters.values()
    keywords = {f"{argument.name}=" for argument in arguments if argument.kind is argument.KEYWORD_ONLY}
    assert keywords
    assert keywords <= set(offered(f"aep.{name}('name', " if "resource_name" in str(arguments) else f"aep.{name}("))


@pytest.mark.parametrize(
    ("expression", "attributes"),
    [
        ("made.", {"dataflow", "dataflow_id", "target_connection", "base_connection_id", "source_connection_id"}),
        ("made.dataflow.", {"segments", "profile_attributes", "enabled", "name", "sandbox_name", "id"}),
        ("made.target_connection.", {"params", "base_connection_id", "data_format"}),
        ("aep.get_segment(name='n').", {"id", "name", "description"}),
        ("aep.get_audience(name='n').", {"id", "system_segment_id", "namespace", "lifecycle_state", "evaluation"}),
        ("aep.get_dataflow_runs('i')[0].", {"status", "failed_records", "errors"}),
    ],
)
def test_outputs_are_offered(expression, attributes):
    assert attributes <= set(offered(MADE + expression))


def test_nothing_but_the_public_names_and_modules_is_offered_after_the_package():
    modules = {module.name for module in pkgutil.iter_modules(aep.__path__)}
    assert {name for name in offered("aep.") if not name.startswith("_")} <= {*aep.__all__, *modules}


@pytest.mark.parametrize("name", [name for name in aep.__all__ if not name.endswith("SpecId")])
def test_what_an_editor_shows_of_a_name_explains_each_argument_there(name):
    """Without a look at another name: "as for `Dataflow`" helps nobody who sees this one only."""
    public = getattr(aep, name)
    shown = f"{inspect.getdoc(public)}\n{inspect.getdoc(public.__init__) if inspect.isclass(public) else ''}"
    arguments = [argument.name for argument in inspect.signature(public).parameters.values()]
    assert [argument for argument in arguments if not re.search(rf"^ *{argument}: \S", shown, re.MULTILINE)] == []
    assert not re.search(r"\b(as for|likewise|arguments as)\b", shown, re.IGNORECASE)
