"""All of the platform's processes run, or none; with the real ones, and nothing deployed."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import background, certificate
from local.background import StartFailed, launch, running_ports, wait_until_ready
from local.home import SLUICE, Home, read_json
from local.parts import all_parts
from local.ports import LOOPBACK, Ports, check_free, find_free

pytestmark = pytest.mark.xdist_group("supervisor")

PORT = 8920
END_LIMIT_S = 20


@pytest.fixture
def home() -> Iterator[Home]:
    # Not below pytest's own folder: the emulator writes and is killed there.
    home = Home(SLUICE / "test-supervisor")
    background.forget(home)
    certificate.ensure(home)
    yield home
    background.forget(home)


@pytest.fixture
def ports() -> Ports:
    return find_free(range(PORT, PORT + 80, 4))


def start(home: Home, ports: Ports) -> list[psutil.Process]:
    """Every process of a platform that is ready."""
    launch(home, ports, faults=False)
    for part in all_parts(home, ports):
        wait_until_ready(home, part, lambda _: None)
    supervisor = psutil.Process(read_json(home.running)["pid"])
    return [supervisor, *supervisor.children(recursive=True)]


def all_end(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, END_LIMIT_S)
    return not alive


def test_down_ends_every_process_and_says_whether_there_was_one(home: Home, ports: Ports) -> None:
    processes = start(home, ports)
    assert len(processes) >= 5
    assert running_ports(home) == ports

    assert background.stop(home)

    assert all_end(processes)
    assert not background.stop(home)
    check_free(ports)


def test_killing_the_supervisor_leaves_no_process(home: Home, ports: Ports) -> None:
    processes = start(home, ports)

    processes[0].kill()

    assert all_end(processes)
    assert running_ports(home) is None


def test_a_part_that_dies_takes_the_others_along_and_is_named(home: Home, ports: Ports) -> None:
    processes = start(home, ports)
    part = next(p for p in processes if "local.moderation" in p.cmdline())

    part.kill()

    assert all_end(processes)
    assert read_json(home.died) == {"part": "moderation", "status": -signal.SIGKILL}


def test_a_part_that_cannot_start_says_where_its_log_is(home: Home, ports: Ports) -> None:
    with socket.create_server((LOOPBACK, ports.models)):
        launch(home, ports, faults=False)
        with pytest.raises(StartFailed) as failed:
            wait_until_ready(home, all_parts(home, ports)[1], lambda _: None)

    assert "the part `models` ended with" in str(failed.value)
    assert str(home.logs / "models.log") in str(failed.value)
    assert "address already in use" in str(failed.value)


def test_who_deletes_the_folder_ends_the_platform(home: Home, ports: Ports) -> None:
    processes = start(home, ports)

    shutil.rmtree(home.folder, ignore_errors=True)

    assert all_end(processes)
    assert not home.folder.exists()


def test_another_process_with_the_same_number_is_not_taken_for_it(home: Home) -> None:
    home.running.write_text(f'{{"pid": {os.getpid()}, "port": 8400}}')

    assert running_ports(home) is None
    assert not background.stop(home)
    assert not Path(home.running).exists()
