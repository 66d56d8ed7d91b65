"""The operator at the machine: each command as it is typed, in this process, with settings of its own."""

import json
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import group

CAPTURES = Path(__file__).parents[1] / "fixtures" / "telephony" / "asterisk"


@dataclass
class Operator:
    """Types commands; `settings` are the HUB_* variables, nothing of the real environment's."""

    settings: dict[str, str] = field(default_factory=dict)

    def types(self, line: str, **more: str) -> Result:
        """What a command line does, however it ends; `more` settings for this once."""
        clean = {name: None for name in os.environ if name.startswith("HUB_")}
        return CliRunner().invoke(group, shlex.split(line), env=clean | self.settings | more)

    def gets(self, line: str) -> str:
        """What a command that succeeds prints on standard output."""
        result = self.types(line)
        assert result.exit_code == 0, result.output
        return result.stdout

    def reads(self, line: str) -> Any:
        return json.loads(self.gets(line))

    def is_told(self, line: str, **more: str) -> str:
        """What a command that cannot be done says: plainly, on standard error, with exit status 2."""
        result = self.types(line, **more)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output
        return result.stderr


@pytest.fixture
def operator(database_url: str, tmp_path: Path) -> Operator:
    """On an empty database of either kind at the newest schema."""
    return Operator({"HUB_DATABASE_URL": database_url, "HUB_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def newcomer(tmp_path: Path) -> Operator:
    """With nothing but a folder."""
    return Operator({"HUB_DATA_DIR": str(tmp_path / "data")})
