"""A stage on ports of its own, so that walks may run side by side and beside a demonstration."""

import subprocess
from pathlib import Path

from gateway.demo.configure import PROFILES, configure
from gateway.demo.processes import Stage, command, free_ports


def own_stage(folder: Path, *, time_scale: float = 0.02) -> Stage:
    """Write fresh keys and configuration for simulators and gateway; `time_scale` shortens the waits of retries."""
    gateway_port, *ports = free_ports(len(PROFILES) + 1)
    url, sandbox = f"http://127.0.0.1:{gateway_port}", folder / "sandbox"
    sandbox.mkdir(parents=True)
    chosen = ",".join(map(str, ports))
    call = [command("raabta-conformance"), "agencies", "--init", str(sandbox), "--gateway", url, "--ports", chosen]
    subprocess.run(call, check=True, capture_output=True)
    config = configure(sandbox, folder / "gateway", gateway_port, time_scale=time_scale)
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in zip(PROFILES, ports, strict=True)}
    return Stage(folder, config, url, addresses)
