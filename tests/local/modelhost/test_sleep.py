"""From zero and back: waking, sleeping, a full queue, an end that leaves nothing behind."""

import os
import signal
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import client, end
from tests.local.modelhost.conftest import Host, start_host

pytestmark = pytest.mark.xdist_group("modelhost")

LIMIT_S = 15


def wait_until_asleep(host: Host) -> None:
    deadline = time.monotonic() + LIMIT_S
    while host.state()["state"] != "asleep" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert host.state()["state"] == "asleep"


def instances(host: Host) -> tuple[int, int, str]:
    described = client("sagemaker", host.url).describe_endpoint(EndpointName="sluice-test-echo")
    variant = described["ProductionVariants"][0]
    return (
        variant["CurrentInstanceCount"],
        variant["DesiredInstanceCount"],
        described["EndpointStatus"],
    )


def test_an_endpoint_wakes_for_work_and_sleeps_when_idle(host: Host) -> None:
    wait_until_asleep(host)
    assert instances(host) == (0, 0, "InService")

    host.invoke({}, InferenceId="wakes")
    waking = instances(host)
    assert host.notice("wakes")["invocationStatus"] == "Completed"

    assert waking == (0, 1, "Updating")
    assert instances(host) == (1, 1, "InService")
    assert host.state()["last_wake_s"] > 0
    pid = host.state()["pid"]
    wait_until_asleep(host)
    assert not _lives(pid)


def test_an_unknown_endpoint_cannot_be_described(host: Host) -> None:
    with pytest.raises(ClientError) as unknown:
        client("sagemaker", host.url).describe_endpoint(EndpointName="nothing")

    assert unknown.value.response["Error"]["Code"] == "ValidationException"


def test_a_full_queue_is_service_unavailable(host: Host) -> None:
    host.fault(kind="model_slow", delay_s=3)
    host.invoke({}, InferenceId="first")
    while host.state()["state"] != "awake":
        time.sleep(0.05)

    for number in range(3):
        host.invoke({}, InferenceId=f"queued_{number}")
    with pytest.raises(ClientError) as full:
        host.invoke({}, InferenceId="one_too_many")

    assert full.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert [one["inferenceId"] for one in host.notices(4)] == [
        "first",
        "queued_0",
        "queued_1",
        "queued_2",
    ]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_hosts_end_is_the_models_end(
    emulator_url: str, models: Path, how: signal.Signals
) -> None:
    url, process, queue = start_host(emulator_url, models)
    host = Host(url, process, emulator_url, queue)
    host.invoke({}, InferenceId="busy")
    host.notice("busy")
    pid = host.state()["pid"]

    process.send_signal(how)
    process.wait(LIMIT_S)

    deadline = time.monotonic() + LIMIT_S
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(pid)
    end(process)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
