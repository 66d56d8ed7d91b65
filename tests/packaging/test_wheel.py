"""The wheel is whole: installed elsewhere with pip, Hub sets itself up and serves without the checkout."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port
from tests.waiting import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 30


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("commhub-*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtualenv with the wheel and the locked packages it runs on, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [str(folder / "venv/bin/pip"), "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "install", "--no-compile", "--require-hashes", f"--requirement={ROOT}/requirements.txt"], check=True
    )
    subprocess.run([*pip, "install", "--no-deps", str(wheel)], check=True)
    subprocess.run([*pip, "check"], check=True)
    return folder


def hub(folder: Path, *arguments: str) -> list[str]:
    return [str(folder / "venv/bin/hub"), *arguments]


def environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", "HUB_DATA_DIR": str(folder / "data")}


@pytest.fixture(scope="module")
def address(elsewhere: Path) -> Iterator[str]:
    """Where the installed Hub serves, after its own set-up."""
    env = environment(elsewhere)
    init = hub(elsewhere, "init", "--admin-email", "admin@example.org", "--admin-password", "correct horse battery")
    subprocess.run(init, check=True, cwd=elsewhere, env=env)
    port = free_port()
    serve = hub(elsewhere, "serve", "--host", "127.0.0.1", "--port", str(port))
    with subprocess.Popen(serve, cwd=elsewhere, env=env) as process:
        until(lambda: process.poll() is not None or ready(port), seconds=START_SECONDS, what="/readyz")
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait(STOP_SECONDS)


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    files = {path for path in (ROOT / "hub").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {str(path.relative_to(ROOT)) for path in files} <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("name", ["app.css", "app.js", "icons.svg"])
def test_the_built_front_end_is_in_the_wheel(wheel: Path, name: str) -> None:
    assert zipfile.ZipFile(wheel).getinfo(f"hub/web/static/dist/{name}").file_size > 0


@pytest.mark.parametrize("language", ["uk", "ru", "lv"])
def test_the_compiled_languages_are_in_the_wheel(wheel: Path, language: str) -> None:
    assert zipfile.ZipFile(wheel).getinfo(f"hub/web/translations/{language}/LC_MESSAGES/messages.mo").file_size > 0


def test_the_installed_hub_speaks_the_language_the_browser_asks_for(address: str) -> None:
    text = httpx.get(f"{address}/sign-in", headers={"Accept-Language": "lv-LV,lv;q=0.9,en;q=0.5"}).text
    assert '<html lang="lv"' in text
    assert "Parole" in text


def test_the_installed_hub_shows_its_sign_in_page_and_front_end(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.get("/readyz").status_code == httpx.codes.OK
        assert 'type="password"' in client.get("/sign-in").text
        assert client.get("/static/dist/app.css").headers["content-type"].startswith("text/css")
